/// One ridge regression whose observed rows come one after another:
///
///     x = argmin  Σ_j (wⱼᵀx − 1)²  +  α xᵀGx  +  λ |x|²
///
/// with G = Σ wwᵀ over all rows there are, observed or not.
public struct GrowingRidge: Sendable, Hashable {
  /// d.
  public let size: Int
  /// Rows that were added.
  public private(set) var count: Int
  /// Σ wwᵀ of the rows, shape `[d, d]`; the upper triangle counts.
  public private(set) var gram: [Float]
  /// Σ w, shape `[d]`.
  public private(set) var sum: [Float]

  public init(size: Int) {
    self.init(
      size: size, count: 0, gram: Array(repeating: 0, count: size * size), sum: Array(repeating: 0, count: size))
  }

  /// What was added before, as `count`, `gram` and `sum` tell it.
  public init(size: Int, count: Int, gram: [Float], sum: [Float]) {
    precondition(gram.count == size * size && sum.count == size)
    self.size = size
    self.count = count
    self.gram = gram
    self.sum = sum
  }

  /// - Complexity: O(d²).
  public mutating func add(_ row: [Float]) {
    precondition(row.count == size)
    for first in 0..<size {
      let start = first * size
      for second in first..<size { gram[start + second] += row[first] * row[second] }
      sum[first] += row[first]
    }
    count += 1
  }

  /// - Parameters:
  ///   - everything: G, shape `[d, d]`; the upper triangle is read.
  ///   - unobservedWeight: α.
  ///   - penalty: λ > 0.
  /// - Returns: x, shape `[d]`; nil when the system has no solution, as when something is no number.
  /// - Complexity: O(d³).
  public func solution(everything: [Float], unobservedWeight: Float, penalty: Float) -> [Float]? {
    precondition(everything.count == gram.count)
    var system = zip(gram, everything).map { $0 + unobservedWeight * $1 }
    for place in 0..<size { system[place * (size + 1)] += penalty }
    var x = sum
    let isSolved = system.withUnsafeMutableBufferPointer { system in
      x.withUnsafeMutableBufferPointer { x in
        guard let system = system.baseAddress, let x = x.baseAddress else { return false }
        return DenseKernels().solvePositiveDefinite(system, size, x)
      }
    }
    return isSolved && x.allSatisfy(\.isFinite) ? x : nil
  }
}
