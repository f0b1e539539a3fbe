/// How well a number of groups holds: whether another half of the same people would have been grouped alike.
///
/// Both halves of a random split are grouped on their own, and the centres of each half then group everybody; the adjusted Rand
/// index of the two groupings, over several splits, is the stability of that number of groups. Structure that is there is
/// found in both halves, an arbitrary cut falls elsewhere in each.
///
/// - SeeAlso: Lange, Roth, Braun & Buhmann, *Stability-based validation of clustering solutions*, Neural Computation 2004.
public struct ClusterStability: Sendable {
  public var splits = 4
  public var clustering = SphericalKMeans()

  public init() {}

  /// - Parameters:
  ///   - rows: Of length 1 each, shape `[n, columns]`, n at least 2 k.
  ///   - isOver: Asked between the steps; what is done by then counts.
  /// - Returns: The mean adjusted Rand index over the splits, and its standard error; nil when it was over at once.
  /// - Complexity: 2 · splits fits of n / 2 rows.
  public func stability(
    of k: Int, on rows: FloatMatrix, using generator: inout some RandomNumberGenerator, isOver: () -> Bool = { false }
  ) -> RunningMoments? {
    precondition(rows.rowCount >= 2 * k, "\(rows.rowCount) rows for \(k) groups in each half")
    var agreement = RunningMoments()
    for _ in 0..<splits where !isOver() {
      let order = (0..<rows.rowCount).shuffled(using: &generator)
      let half = order.count / 2
      let first = clustering.fit(rows.rows(order[..<half].sorted()), k: k, using: &generator, isOver: isOver)
      let second = clustering.fit(rows.rows(order[half...].sorted()), k: k, using: &generator, isOver: isOver)
      agreement.add(
        adjustedRandIndex(
          SphericalKMeans.nearest(rows, to: first.centres).groups,
          SphericalKMeans.nearest(rows, to: second.centres).groups))
    }
    return agreement.count > 0 ? agreement : nil
  }
}

extension FloatMatrix {
  /// Some of the rows, in that order.
  public func rows(_ places: some Collection<Int>) -> FloatMatrix {
    var picked: [Float] = []
    picked.reserveCapacity(places.count * columnCount)
    for place in places { picked += self[place] }
    return FloatMatrix(rowCount: places.count, columnCount: columnCount, values: picked)
  }
}
