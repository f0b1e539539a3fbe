/// How far two groupings of the same things agree, corrected for chance: 1 where they are the same up to names, about 0 where
/// they have nothing to do with each other, below 0 where they agree less than chance would.
///
///     ARI = (Σ C(n_ij, 2) − E) / (½ (Σ C(a_i, 2) + Σ C(b_j, 2)) − E),   E = Σ C(a_i, 2) · Σ C(b_j, 2) / C(n, 2)
///
/// with n_ij things in group i of the one and j of the other, a_i and b_j the sizes of the groups.
///
/// - Parameters:
///   - left: Group of each thing, shape `[n]`; the numbers are names only.
///   - right: The same for the other grouping, shape `[n]`.
/// - Returns: At most 1; 1 for fewer than two things and where both put all into one group, or each into its own.
/// - Complexity: O(n).
/// - SeeAlso: Hubert & Arabie, *Comparing partitions*, Journal of Classification 1985.
public func adjustedRandIndex(_ left: [Int], _ right: [Int]) -> Double {
  precondition(left.count == right.count, "\(left.count) and \(right.count) things")
  struct Pair: Hashable { let left, right: Int }
  func pairs(_ counts: some Collection<Int>) -> Double {
    counts.reduce(0.0) { $0 + Double($1) * Double($1 - 1) / 2 }
  }
  func sizes<Name: Hashable>(_ names: some Sequence<Name>) -> [Name: Int] {
    names.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
  let all = pairs([left.count])
  guard all > 0 else { return 1 }
  let both = pairs(sizes(zip(left, right).lazy.map { Pair(left: $0, right: $1) }).values)
  let (ofLeft, ofRight) = (pairs(sizes(left).values), pairs(sizes(right).values))
  let expected = ofLeft * ofRight / all
  let most = (ofLeft + ofRight) / 2
  guard most != expected else { return 1 }
  return (both - expected) / (most - expected)
}
