/// A row of a matrix with its product with a query.
public struct RowScore: Sendable, Hashable {
  public let row: Int
  public let score: Float

  public init(row: Int, score: Float) {
    self.row = row
    self.score = score
  }

  /// What a kernel found, best first, ties by row.
  /// - Parameter fill: Writes at most `count` keys as `attune_scan` gives them, and says how many.
  static func best(_ count: Int, _ fill: (UnsafeMutablePointer<UInt64>) -> Int) -> [RowScore] {
    guard count > 0 else { return [] }
    let keys = [UInt64](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = buffer.baseAddress.map(fill) ?? 0
    }
    return keys.sorted(by: >).map { key in
      let bits = UInt32(key >> 32)
      let turned = bits & 1 << 31 != 0 ? bits & ~(1 << 31) : ~bits
      return RowScore(row: Int(~UInt32(truncatingIfNeeded: key)), score: Float(bitPattern: turned))
    }
  }
}
