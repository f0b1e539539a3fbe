import Foundation
public import Mathematics
import Primitives

/// Matrix factorisation learnt from comparisons (BPR): vectors w of people and h of items, and a number b for each item,
/// that make likely that a person prefers an item i that they dealt with to an item j that they did not,
///
///     Σ log σ(x_ui − x_uj) − λ/2 (|w|² + |h|² + |b|²)        x_ui = b_i + w_uᵀh_i
///
/// by stochastic ascent: an epoch draws as many interactions as there are, each beside an item by chance. One thread, so that
/// the same set, settings and seed give the same vectors.
/// - SeeAlso: Rendle, Freudenthaler, Gantner & Schmidt-Thieme, *BPR: Bayesian personalized ranking from implicit feedback*,
///   UAI 2009.
public struct BPR: Sendable, Hashable, HistoryScorer {
  public struct Settings: Sendable, Hashable {
    /// d ≥ 1.
    public var dimensions = 64
    /// λ ≥ 0.
    public var regularization: Float = 0.01
    /// How far a step goes, > 0; falls to a tenth in the course of the epochs.
    public var rate: Float = 0.05
    public var epochs = 30
    public var seed: UInt64 = 0

    public init() {}
  }

  /// Draws of an item that somebody has not dealt with; who has dealt with nearly all may go without.
  private static let drawsMax = 50
  /// Of a person who is folded in.
  private static let foldEpochs = 10

  public let settings: Settings
  /// w, shape `[people, d]`.
  public private(set) var people: FloatMatrix
  /// h, shape `[items, d]`.
  public private(set) var items: FloatMatrix
  /// b, shape `[items]`.
  public private(set) var biases: [Float]

  public var itemCount: Int { items.rowCount }

  /// - Parameters:
  ///   - training: People × items; each pair counts once.
  ///   - progress: Told after each epoch; says whether to go on.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(epochs · interactions · d).
  public init(
    training: SparseRows, settings: Settings = Settings(),
    progress: (ImplicitALS.Progress) -> ImplicitALS.Step = { _ in .proceed }
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(training)
    self.settings = settings
    var generator = SeededGenerator(seed: settings.seed)
    people = Self.beginning(training.rowCount, settings, &generator)
    items = Self.beginning(training.columnCount, settings, &generator)
    biases = Array(repeating: 0, count: training.columnCount)
    let owners = (0..<training.rowCount).flatMap { person in
      Array(repeating: UInt32(person), count: training.count(inRow: person))
    }
    for epoch in 1...settings.epochs {
      let rate = settings.rate * (1 - 0.9 * Float(epoch - 1) / Float(settings.epochs))
      for _ in owners.indices {
        let cell = Int(generator.next(upperBound: UInt64(owners.count)))
        let person = Int(owners[cell])
        guard let other = Self.other(than: training.columns(ofRow: person), items.rowCount, &generator) else {
          continue
        }
        Self.step(
          &people.values, person * settings.dimensions, &items.values, &biases,
          liked: Int(training.columns[cell]), other: other, settings, rate: rate)
      }
      guard people.isFinite, items.isFinite else { throw .diverged }
      guard case .proceed = progress(.init(epoch: epoch, epochs: settings.epochs)) else { throw .stopped }
    }
  }

  init(settings: Settings, people: FloatMatrix, items: FloatMatrix, biases: [Float]) {
    self.settings = settings
    self.people = people
    self.items = items
    self.biases = biases
  }

  private static func beginning(
    _ count: Int, _ settings: Settings, _ generator: inout SeededGenerator
  ) -> FloatMatrix {
    let scale = 1 / Float(settings.dimensions)
    let values = (0..<count * settings.dimensions).map { _ in (Float(generator.nextUnit()) - 0.5) * scale }
    return FloatMatrix(rowCount: count, columnCount: settings.dimensions, values: values)
  }

  /// An item that is not among `own`, which ascend; nil when none was drawn.
  private static func other(
    than own: ArraySlice<UInt32>, _ count: Int, _ generator: inout SeededGenerator
  ) -> Int? {
    for _ in 0..<drawsMax {
      let item = UInt32(generator.next(upperBound: UInt64(count)))
      var (low, high) = (own.startIndex, own.endIndex)
      while low < high {
        let middle = (low + high) / 2
        if own[middle] < item { low = middle + 1 } else { high = middle }
      }
      if low == own.endIndex || own[low] != item { return Int(item) }
    }
    return nil
  }

  /// One comparison.
  private static func step(
    _ people: inout [Float], _ start: Int, _ items: inout [Float], _ biases: inout [Float], liked: Int, other: Int,
    _ settings: Settings, rate: Float
  ) {
    let size = settings.dimensions
    people.withUnsafeMutableBufferPointer { people in
      items.withUnsafeMutableBufferPointer { items in
        let (i, j) = (liked * size, other * size)
        var difference = biases[liked] - biases[other]
        for place in 0..<size { difference += people[start + place] * (items[i + place] - items[j + place]) }
        let slope = 1 / (1 + exp(difference))
        for place in 0..<size {
          let (w, h, g) = (people[start + place], items[i + place], items[j + place])
          people[start + place] += rate * (slope * (h - g) - settings.regularization * w)
          items[i + place] += rate * (slope * w - settings.regularization * h)
          items[j + place] += rate * (-slope * w - settings.regularization * g)
        }
        biases[liked] += rate * (slope - settings.regularization * biases[liked])
        biases[other] += rate * (-slope - settings.regularization * biases[other])
      }
    }
  }

  // MARK: Asking

  /// x of every item for a person of the training.
  public func scores(ofPerson person: Int) -> [Float] { scores(of: Array(people[person])) }

  public func scores(after history: [UInt32]) -> [Float] { scores(of: foldIn(history)) }

  private func scores(of vector: [Float]) -> [Float] {
    zip(items.products(with: vector, rows: 0..<itemCount), biases).map { $0 + $1 }
  }

  /// The vector of somebody with this history, the items being what they are: the same for the same history.
  public func foldIn(_ history: [UInt32]) -> [Float] {
    let own = Set(history.filter { $0 < UInt32(clamping: itemCount) }).sorted()
    var vector = Array(repeating: Float(0), count: settings.dimensions)
    var generator = SeededGenerator(seed: settings.seed)
    for _ in 0..<Self.foldEpochs {
      for item in own {
        guard let other = Self.other(than: own[...], itemCount, &generator) else { continue }
        move(&vector, liked: Int(item), other: other)
      }
    }
    return vector
  }

  /// One comparison of a person who is folded in: items are read where they are, and stay so.
  private func move(_ vector: inout [Float], liked: Int, other: Int) {
    let size = settings.dimensions
    items.values.withUnsafeBufferPointer { items in
      let (i, j) = (liked * size, other * size)
      var difference = biases[liked] - biases[other]
      for place in 0..<size { difference += vector[place] * (items[i + place] - items[j + place]) }
      let slope = 1 / (1 + exp(difference))
      for place in 0..<size {
        let (w, h, g) = (vector[place], items[i + place], items[j + place])
        vector[place] += settings.rate * (slope * (h - g) - settings.regularization * w)
      }
    }
  }

  static func check(_ settings: Settings) throws(TrainingRefusal) {
    guard settings.dimensions > 0, settings.epochs > 0 else {
      throw .settings("found \(settings.dimensions) dimensions and \(settings.epochs) epochs, expected at least 1")
    }
    try TrainingRefusal.check(Double(settings.regularization), in: .from(0), "regularization")
    try TrainingRefusal.check(Double(settings.rate), in: .leastNonzeroMagnitude...10, "rate")
  }

  /// Bytes that a fit takes at most, the training set included.
  public static func memoryBytes(
    people: Int, items: Int, interactions: Int, settings: Settings = Settings()
  ) -> Int {
    interactions.multipliedClamping(by: 16).addingClamping(
      (people + items).multipliedClamping(by: 8 * settings.dimensions + 32))
  }
}
