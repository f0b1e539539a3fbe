/// The candidate that `word` is most likely a slip of, nil when none is near.
///
/// Near is: equal but for case, `-` and `_`; else an edit distance of at most a third of the word's length (at least 1). Ties go
/// to the first in alphabetical order.
///
/// - Complexity: O(candidates · length²).
public func nearestWord(to word: String, among candidates: some Sequence<String>) -> String? {
  let plain = plainForm(word)
  let limit = max(1, plain.count / 3)
  var best: (distance: Int, candidate: String)?
  for candidate in candidates where candidate != word {
    let other = plainForm(candidate)
    guard abs(other.count - plain.count) <= limit else { continue }
    let distance = editDistance(plain, other)
    guard distance <= limit else { continue }
    if let best, (best.distance, best.candidate) <= (distance, candidate) { continue }
    best = (distance, candidate)
  }
  return best?.candidate
}

private func plainForm(_ word: String) -> [Unicode.Scalar] {
  word.prefix(64).lowercased().unicodeScalars.filter { $0 != "-" && $0 != "_" }
}

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours, each of cost 1.
/// - SeeAlso: Damerau, *A technique for computer detection and correction of spelling errors*, CACM 1964.
private func editDistance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...right.count)
  for row in 0..<left.count {
    var current = [row + 1]
    for column in 0..<right.count {
      let replaced = last[column] + (left[row] == right[column] ? 0 : 1)
      var cost = min(replaced, last[column + 1] + 1, current[column] + 1)
      if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
        cost = min(cost, beforeLast[column - 1] + 1)
      }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[right.count]
}
