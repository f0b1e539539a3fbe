/// The scores of one item by each model, in the order of the record's models. Kept inline: a decision has sixty of these.
public struct ModelScores: Sendable, Hashable, RandomAccessCollection {
  /// Most models of one decision.
  public static let countMax = 8

  private var values = SIMD8<Float>()
  public private(set) var count = 0

  public init() {}

  public var startIndex: Int { 0 }
  public var endIndex: Int { count }

  public subscript(_ index: Int) -> Float {
    precondition(index < count, "model \(index) of \(count)")
    return values[index]
  }

  /// - Precondition: Fewer than `countMax` are there.
  public mutating func append(_ score: Float) {
    precondition(count < Self.countMax, "more than \(Self.countMax) models")
    values[count] = score
    count += 1
  }
}
