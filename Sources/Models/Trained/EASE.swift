public import Mathematics
import Primitives

/// A linear model from all items to each (EASE): for the interactions X, people × items, the weights B that bring
///
///     |X − XB|² + λ |B|²        with B_jj = 0
///
/// to its minimum, which has a closed form: with P = (XᵀX + λI)⁻¹, B_ij = −P_ij / P_jj. Somebody's score of an item is the
/// sum of its weights from what they dealt with.
///
/// The matrix of all pairs of items bounds it: `memoryMax` refuses what would not fit.
/// - SeeAlso: Steck, *Embarrassingly shallow autoencoders for sparse data*, WWW 2019.
public struct EASE: Sendable, Hashable, HistoryScorer {
  public struct Settings: Sendable, Hashable {
    /// λ > 0, in people.
    public var regularization = 500.0
    /// How many weights of each item are kept, those that are largest whatever their sign; nil keeps all.
    public var strongest: Int?
    /// Bytes that a fit may take.
    public var memoryMax = 4 << 30

    public init() {}
  }

  public let settings: Settings
  /// B.
  public let weights: ItemWeights

  public var itemCount: Int { weights.itemCount }

  /// - Parameters:
  ///   - training: People × items; weights ≥ 0, 1 for a plain interaction.
  ///   - workers: Threads; the result does not depend on it.
  ///   - progress: Told in words what is to be done next; says whether to go on.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(Σ_people n² + items³) for people with n items.
  public init(
    training: SparseRows, settings: Settings = Settings(), workers: Int = 2,
    progress: (String) -> ImplicitALS.Step = { _ in .proceed }
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(training)
    let bytes = Self.memoryBytes(
      people: training.rowCount, items: training.columnCount, interactions: training.cellCount, settings: settings)
    guard bytes <= settings.memoryMax else { throw .memory(bytes: bytes, allowed: settings.memoryMax) }
    guard case .proceed = progress("counting pairs of items") else { throw .stopped }
    var gram = training.gram(workers: workers)
    gram.add(toDiagonal: settings.regularization)
    guard case .proceed = progress("inverting") else { throw .stopped }
    guard gram.invert(workers: workers) else { throw .diverged }
    guard case .proceed = progress("weighing") else { throw .stopped }
    let dense = ItemWeights(.dense(gram.regressions))
    self.init(
      settings: settings, weights: settings.strongest.map { dense.keeping(strongest: $0, workers: workers) } ?? dense)
  }

  init(settings: Settings, weights: ItemWeights) {
    self.settings = settings
    self.weights = weights
  }

  public func scores(after history: [UInt32]) -> [Float] {
    var scores = Array(repeating: Float(0), count: itemCount)
    // In ascending order, so that the sums are the same to the bit for the same items.
    for item in Set(history).sorted() { weights.add(1, of: item, to: &scores) }
    return scores
  }

  static func check(_ settings: Settings) throws(TrainingRefusal) {
    guard settings.regularization > 0, settings.regularization.isFinite else {
      throw .settings("found a regularization of \(settings.regularization), expected a number above 0")
    }
    if let strongest = settings.strongest, strongest < 1 {
      throw .settings("found \(strongest) weights to keep of an item, expected at least 1")
    }
  }

  /// Bytes that a fit takes at most, the training set included.
  public static func memoryBytes(
    people: Int, items: Int, interactions: Int, settings: Settings = Settings()
  ) -> Int {
    let sets = interactions.multipliedClamping(by: 16).addingClamping(people.multipliedClamping(by: 32))
    // The matrix, and its weights before they are cut; what is worked with while it is inverted.
    let matrices = items.multipliedClamping(by: items).multipliedClamping(by: 12)
    let kept = items.multipliedClamping(by: 32 * min(settings.strongest ?? 0, items))
    return sets.addingClamping(matrices).addingClamping(kept).addingClamping(items.multipliedClamping(by: 4_096))
  }
}

extension SparseRows {
  /// XᵀX, shape `[columns, columns]`.
  func gram(workers: Int) -> SymmetricMatrix {
    let size = columnCount
    let byColumn = transposed()
    let values = [Double](unsafeUninitializedCapacity: size * size) { buffer, filled in
      if let start = buffer.baseAddress {
        let output = GramInWork(start: start)
        WorkQueue.share(size, chunk: 16, workers: workers) { queue in
          while let items = queue.next() {
            for item in items { addGramRow(item, byColumn, to: output.start + item * size) }
          }
        }
      }
      filled = size * size
    }
    return SymmetricMatrix(size: size, values: values)
  }

  private func addGramRow(_ item: Int, _ byColumn: SparseRows, to row: UnsafeMutablePointer<Double>) {
    row.initialize(repeating: 0, count: columnCount)
    columns.withUnsafeBufferPointer { columns in
      for place in byColumn.offsets[item]..<byColumn.offsets[item + 1] {
        let person = Int(byColumn.columns[place])
        let span = offsets[person]..<offsets[person + 1]
        guard let weights, let own = byColumn.weights?[place] else {
          // Up to the diagonal.
          for cell in span {
            let column = Int(columns[cell])
            if column > item { break }
            row[column] += 1
          }
          continue
        }
        for cell in span where Int(columns[cell]) <= item {
          row[Int(columns[cell])] += Double(own) * Double(weights[cell])
        }
      }
    }
  }
}

extension SymmetricMatrix {
  /// −P_ij / P_jj with zeros on the diagonal.
  fileprivate var regressions: FloatMatrix {
    let scales = (0..<size).map { -1 / values[$0 * (size + 1)] }
    var weights = FloatMatrix(zeros: size, by: size)
    weights.values.withUnsafeMutableBufferPointer { weights in
      values.withUnsafeBufferPointer { values in
        for row in 0..<size {
          for column in 0..<size { weights[row * size + column] = Float(values[row * size + column] * scales[column]) }
          weights[row * size + row] = 0
        }
      }
    }
    return weights
  }
}

/// Rows of a matrix that several workers write.
///
// Proof: used only within `WorkQueue.share` in `gram`, which gives every row to exactly one worker and returns after all of
// them, while the owner of the memory waits.
private struct GramInWork: @unchecked Sendable {
  let start: UnsafeMutablePointer<Double>
}
