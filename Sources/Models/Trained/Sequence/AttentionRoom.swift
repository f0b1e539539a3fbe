import Mathematics

/// Some sequences, one after the other without padding, and the memory for all that a network computes of them.
final class AttentionRoom {
  /// What a block keeps for the way back, each with a row for every act.
  struct BlockRoom {
    /// What comes in, shape `[acts, d]`.
    let input: UnsafeMutablePointer<Float>
    let attentionNormed: UnsafeMutablePointer<Float>
    /// Shape `[acts, 2]`.
    let attentionStatistics: UnsafeMutablePointer<Float>
    /// Queries, keys, values, shape `[acts, 3d]`.
    let lookups: UnsafeMutablePointer<Float>
    /// Where the acts look, for each sequence and head `[n, n]`.
    let looks: UnsafeMutablePointer<Float>
    let mixed: UnsafeMutablePointer<Float>
    /// Behind the attention, shape `[acts, d]`.
    let middle: UnsafeMutablePointer<Float>
    let forwardNormed: UnsafeMutablePointer<Float>
    let forwardStatistics: UnsafeMutablePointer<Float>
    /// Before and after the non-linearity, shape `[acts, f]`.
    let raw: UnsafeMutablePointer<Float>
    let active: UnsafeMutablePointer<Float>
  }

  /// Rows of scores that are computed at once: they stay in the cache.
  static let tileRows = 128

  let shape: AttentionShape
  let capacity: Int
  private let memory: FloatRoom
  let blocks: [BlockRoom]
  let output: UnsafeMutablePointer<Float>
  let outputNormed: UnsafeMutablePointer<Float>
  let outputStatistics: UnsafeMutablePointer<Float>
  /// Gradients on their way: shapes `[acts, d]`, `[acts, d]`, `[acts, max(3d, f)]`, `[length, length]`.
  let back: UnsafeMutablePointer<Float>
  let side: UnsafeMutablePointer<Float>
  let wide: UnsafeMutablePointer<Float>
  let looksBack: UnsafeMutablePointer<Float>
  /// Scores, shape `[tileRows, columns]`, and the vectors of the columns with their gradients, `[columns, d]`.
  let scores: UnsafeMutablePointer<Float>
  let columnVectors: UnsafeMutablePointer<Float>
  let columnBack: UnsafeMutablePointer<Float>

  /// The acts.
  var items: [UInt32] = []
  /// What followed each of them.
  var targets: [UInt32] = []
  /// Where the sequences begin, and the end of the last.
  var starts = [0]

  /// - Parameters:
  ///   - capacity: Acts.
  ///   - columns: Items that an act is scored against in training; 0 for no training.
  init(_ shape: AttentionShape, capacity: Int, columns: Int) {
    self.shape = shape
    self.capacity = capacity
    memory = FloatRoom(Self.floats(shape, capacity: capacity, columns: columns))
    var next = memory.start
    func take(_ count: Int) -> UnsafeMutablePointer<Float> {
      defer { next += count }
      return next
    }
    let (d, f, n) = (shape.dimensions, shape.hidden, capacity)
    blocks = (0..<shape.blocks).map { _ in
      BlockRoom(
        input: take(n * d), attentionNormed: take(n * d), attentionStatistics: take(2 * n), lookups: take(3 * n * d),
        looks: take(n * shape.length * shape.heads), mixed: take(n * d), middle: take(n * d),
        forwardNormed: take(n * d), forwardStatistics: take(2 * n), raw: take(n * f), active: take(n * f))
    }
    output = take(n * d)
    outputNormed = take(n * d)
    outputStatistics = take(2 * n)
    back = take(n * d)
    side = take(n * d)
    wide = take(n * max(3 * d, f))
    looksBack = take(shape.length * shape.length)
    scores = take(Self.tileRows * columns)
    columnVectors = take(columns * d)
    columnBack = take(columns * d)
  }

  static func floats(_ shape: AttentionShape, capacity n: Int, columns: Int) -> Int {
    let (d, f) = (shape.dimensions, shape.hidden)
    let block = n * (8 * d + 4 + shape.length * shape.heads + 2 * f)
    return shape.blocks * block + n * (4 * d + 2 + max(3 * d, f)) + shape.length * shape.length
      + columns * (Self.tileRows + 2 * d)
  }

  /// Acts of one of a batch's parts, at least those of a window.
  static func capacity(_ settings: SelfAttention.Settings) -> Int {
    max(settings.length, settings.batch / AttentionTraining.slots)
  }

  /// As a training makes it.
  static func floats(_ shape: AttentionShape, _ settings: SelfAttention.Settings) -> Int {
    let capacity = capacity(settings)
    return floats(
      shape, capacity: capacity,
      columns: SequenceLoss.columnsMax(shape, negatives: settings.negatives, capacity: capacity))
  }

  func clear() {
    items.removeAll(keepingCapacity: true)
    targets.removeAll(keepingCapacity: true)
    starts = [0]
  }

  /// - Parameter following: What came after each of `acts`; empty where nobody asks for it.
  func append(_ acts: ArraySlice<UInt32>, following: ArraySlice<UInt32> = []) {
    precondition(acts.count <= shape.length && items.count + acts.count <= capacity)
    items += acts
    targets += following
    starts.append(items.count)
  }

  var count: Int { items.count }

  /// The rows of all acts.
  func rows(_ start: UnsafeMutablePointer<Float>, _ columns: Int) -> MatrixPart {
    MatrixPart(start, rows: count, columns: columns)
  }

  /// The sequences, each with where its looks stand within `looks`.
  var sequences: [(range: Range<Int>, looks: Int)] {
    (1..<starts.count).map { (starts[$0 - 1]..<starts[$0], starts[$0 - 1] * shape.length * shape.heads) }
  }
}
