import CKernels
import Foundation

/// Groups directions: rows of length 1 go to the centre that they point along most.
///
/// Maximises Σ xᵢ · c(i) over k centres of length 1. Each start draws its first centres apart from each other (k-means++ with
/// the distance 1 − x · c, each draw the best of 2 + ln k), then rows and centres are settled in turn until nobody moves. Of
/// several starts the best counts. With rows √p for shares p this is clustering by the Hellinger affinity of the shares.
///
/// - SeeAlso: Dhillon & Modha, *Concept decompositions for large sparse text data using clustering*, Machine Learning 2001;
///   Arthur & Vassilvitskii, *k-means++*, SODA 2007.
public struct SphericalKMeans: Sendable {
  public var starts = 10
  public var roundsMax = 100

  public init() {}

  public struct Fit: Sendable {
    /// Of length 1, shape `[k, columns]`.
    public var centres: FloatMatrix
    /// The centre of each row; of equal ones the first.
    public var groups: [Int]
    /// Σ xᵢ · c(i).
    public var agreement: Double
  }

  /// - Parameters:
  ///   - rows: Of length 1 each, shape `[n, columns]`.
  ///   - k: At least 1, at most n.
  ///   - isOver: Asked between starts; those that are done count.
  /// - Complexity: O(starts · rounds · n · k · columns), as one matrix product a round.
  public func fit(
    _ rows: FloatMatrix, k: Int, using generator: inout some RandomNumberGenerator, isOver: () -> Bool = { false }
  ) -> Fit {
    precondition(k >= 1 && k <= rows.rowCount && rows.columnCount > 0, "\(k) groups of \(rows.rowCount) rows")
    var best = settled(rows, from: firstCentres(rows, k: k, using: &generator))
    for _ in 1..<max(1, starts) where !isOver() {
      let other = settled(rows, from: firstCentres(rows, k: k, using: &generator))
      if other.agreement > best.agreement { best = other }
    }
    return best
  }

  /// The centre of each row, and the sum of their products.
  public static func nearest(_ rows: FloatMatrix, to centres: FloatMatrix) -> (groups: [Int], agreement: Double) {
    let products = rows.multiplied(byTransposed: centres)
    var groups = [Int](repeating: 0, count: rows.rowCount)
    let agreement = attune_largest(products.values, rows.rowCount, centres.rowCount, &groups)
    return (groups, agreement)
  }

  /// Settles rows and centres in turn. A centre that loses all its rows takes the row that fits its own centre least.
  func settled(_ rows: FloatMatrix, from centres: FloatMatrix) -> Fit {
    var centres = centres
    var (groups, agreement) = Self.nearest(rows, to: centres)
    for _ in 0..<roundsMax {
      centres = Self.centres(of: rows, in: groups, count: centres.rowCount)
      let (next, sum) = Self.nearest(rows, to: centres)
      agreement = sum
      if next == groups { break }
      groups = next
    }
    return Fit(centres: centres, groups: groups, agreement: agreement)
  }

  /// The direction of the sum of each group's rows.
  static func centres(of rows: FloatMatrix, in groups: [Int], count: Int) -> FloatMatrix {
    let width = rows.columnCount
    var sums = [Double](repeating: 0, count: count * width)
    var sizes = [Int](repeating: 0, count: count)
    attune_add_by_group(rows.values, groups, rows.rowCount, width, &sums, &sizes)
    var centres = FloatMatrix(zeros: count, by: width)
    func set(_ centre: Int, _ direction: some Collection<Double>) {
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard length > 0 else { return }
      for (column, value) in direction.enumerated() { centres.values[centre * width + column] = Float(value / length) }
    }
    for centre in 0..<count where sizes[centre] > 0 { set(centre, sums[centre * width..<(centre + 1) * width]) }
    var taken: Set<Int> = []
    for centre in 0..<count where sizes[centre] == 0 {
      let worst = groups.indices.filter { !taken.contains($0) && sizes[groups[$0]] > 0 }.min {
        product(rows, $0, centres, groups[$0]) < product(rows, $1, centres, groups[$1])
      }
      guard let worst else { continue }
      taken.insert(worst)
      set(centre, rows[worst].map(Double.init))
    }
    return centres
  }

  private static func product(_ left: FloatMatrix, _ row: Int, _ right: FloatMatrix, _ other: Int) -> Float {
    zip(left[row], right[other]).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func firstCentres(
    _ rows: FloatMatrix, k: Int, using generator: inout some RandomNumberGenerator
  ) -> FloatMatrix {
    let n = rows.rowCount
    let trials = 2 + Int(log(Double(k)))
    var chosen = [Int(Self.unit(&generator) * Double(n))]
    var nearest = Self.distances(rows, to: chosen[0], atMost: nil)
    while chosen.count < k {
      var best: (row: Int, next: Distances)?
      for _ in 0..<trials {
        let drawn = attune_first_beyond(nearest.values, n, Self.unit(&generator) * nearest.sum)
        // Where all rows are alike, any does.
        let row = drawn >= 0 ? drawn : Int(Self.unit(&generator) * Double(n))
        let next = Self.distances(rows, to: row, atMost: nearest.values)
        if next.sum < best?.next.sum ?? .infinity { best = (row, next) }
      }
      guard let best else { break }
      chosen.append(best.row)
      nearest = best.next
    }
    return FloatMatrix(rowCount: k, columnCount: rows.columnCount, values: chosen.flatMap { Array(rows[$0]) })
  }

  /// Uniform in [0, 1).
  private static func unit(_ generator: inout some RandomNumberGenerator) -> Double {
    Double(generator.next() >> 11) * 0x1p-53
  }

  private struct Distances {
    var values: [Float]
    var sum: Double
  }

  /// 1 − x · c of each row, never more than it was.
  private static func distances(_ rows: FloatMatrix, to row: Int, atMost known: [Float]?) -> Distances {
    let products = rows.products(with: Array(rows[row]), rows: 0..<rows.rowCount)
    var values = [Float](repeating: 0, count: products.count)
    let sum: Double
    if let known {
      sum = attune_narrowed_distances(products, known, products.count, &values)
    } else {
      sum = attune_narrowed_distances(products, nil, products.count, &values)
    }
    return Distances(values: values, sum: sum)
  }
}
