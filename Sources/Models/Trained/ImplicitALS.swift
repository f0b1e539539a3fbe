import Foundation
public import Mathematics
import Primitives

/// Matrix factorisation of who dealt with what (iALS): vectors w of people and h of items whose products are near 1 where
/// there was an interaction and near 0 elsewhere, the unobserved pairs counting little but all of them:
///
///     Σ observed v (wᵀh − 1)²  +  α₀ Σ all (wᵀh)²  +  λ Σ_u (|I_u| + α₀ |I|)^ν |w_u|²  +  λ Σ_i (|U_i| + α₀ |U|)^ν |h_i|²
///
/// with |I_u| = Σ v of the person. An epoch solves for all people, then for all items (`GramRidge`), each exactly or some
/// steps on from where the epoch before left it. In the form with a confidence c = 1 + α of what was observed, against 1, this is α = 1 / α₀.
///
/// The same training set, settings and seed give the same factors, whatever the number of workers, on one kind of processor;
/// another may differ in the last digits.
/// - SeeAlso: Hu, Koren & Volinsky, *Collaborative filtering for implicit feedback datasets*, ICDM 2008; Rendle, Krichene,
///   Zhang & Koren, *Revisiting the performance of iALS on item recommendation benchmarks*, RecSys 2022.
public struct ImplicitALS: Sendable, Hashable {
  /// How an epoch solves for a vector.
  public enum Solver: Sendable, Hashable {
    case exact
    /// Conjugate gradients from the vector of the epoch before: faster epochs, of which a fit may need a few more.
    case conjugateGradient(steps: Int)
  }

  /// As published for the NCF split of MovieLens-1M.
  public struct Settings: Sendable, Hashable {
    /// d: numbers in a vector.
    public var dimensions = 192
    /// λ > 0.
    public var regularization: Float = 0.007
    /// ν: 1 scales the penalty with a row's frequency, 0 is the same for all.
    public var frequencyExponent: Float = 1
    /// α₀ > 0.
    public var unobservedWeight: Float = 0.3
    /// Vectors begin with normal numbers of this deviation divided by √d.
    public var initialDeviation: Float = 0.1
    public var epochs = 12
    public var seed: UInt64 = 0
    public var solver = Solver.exact

    public init() {}

    /// λ (Σv + α₀ others)^ν: the penalty of a row whose weights sum to Σv, of that many others that it could have.
    func penalty(sum: Float, others: Int) -> Float {
      regularization * powf(sum + unobservedWeight * Float(others), frequencyExponent)
    }
  }

  /// How far a fit has come.
  public struct Progress: Sendable, Hashable {
    /// Epochs that are done.
    public let epoch: Int
    public let epochs: Int
  }

  public enum Step: Sendable { case proceed, stop }

  public let settings: Settings
  /// Shape `[people, d]`.
  public let people: FloatMatrix
  /// The items, as people who come later are solved from them.
  let itemRidge: GramRidge

  /// Shape `[items, d]`.
  public var items: FloatMatrix { itemRidge.factors }

  /// - Parameters:
  ///   - training: People × items; weights v ≥ 0, 1 for a plain interaction.
  ///   - workers: Threads; the result does not depend on it.
  ///   - progress: Told after each epoch; says whether to go on.
  /// - Throws: `TrainingRefusal` when nothing can be learnt from the set, or `progress` said stop.
  /// - Complexity: of an epoch O(Σ_rows n d · min(n, d)) for rows with n interactions, both ways; O(steps · interactions · d)
  ///   with conjugate gradients.
  public init(
    training: SparseRows, settings: Settings = Settings(), workers: Int = 2,
    progress: (Progress) -> Step = { _ in .proceed }
  ) throws(TrainingRefusal) {
    try TrainingRefusal.check(training, settings)
    let byItem = training.transposed()
    let personPenalties = Self.penalties(of: training, settings)
    let itemPenalties = Self.penalties(of: byItem, settings)
    var people = FloatMatrix(zeros: training.rowCount, by: settings.dimensions)
    var items = Self.beginning(training.columnCount, settings)
    for epoch in 1...settings.epochs {
      let ofItems = try Self.basis(of: items)
      let onItems = GramRidge(items, ofItems, settings, workers)
      people = Self.solved(training, personPenalties, by: onItems, ofItems, from: people, settings, workers)
      let ofPeople = try Self.basis(of: people)
      let onPeople = GramRidge(people, ofPeople, settings, workers)
      items = Self.solved(byItem, itemPenalties, by: onPeople, ofPeople, from: onItems.factors, settings, workers)
      people = onPeople.factors
      guard case .proceed = progress(Progress(epoch: epoch, epochs: settings.epochs)) else { throw .stopped }
    }
    let basis = try Self.basis(of: items)
    self.init(
      settings: settings, people: basis.rotated(people, workers: workers),
      itemRidge: GramRidge(items, basis, settings, workers))
  }

  init(settings: Settings, people: FloatMatrix, itemRidge: GramRidge) {
    self.settings = settings
    self.people = people
    self.itemRidge = itemRidge
  }

  /// - Parameter last: What the epoch before found, in the same basis as the factors that `basis` is of.
  private static func solved(
    _ rows: SparseRows, _ penalties: [Float], by ridge: GramRidge, _ basis: Eigenbasis, from last: FloatMatrix,
    _ settings: Settings, _ workers: Int
  ) -> FloatMatrix {
    switch settings.solver {
    case .exact: ridge.solve(rows, penalties: penalties, workers: workers)
    case .conjugateGradient(let steps):
      ridge.approach(
        rows, penalties: penalties, from: basis.rotated(last, workers: workers), steps: steps, workers: workers)
    }
  }

  private static func basis(of factors: FloatMatrix) throws(TrainingRefusal) -> Eigenbasis {
    guard let basis = Eigenbasis(of: factors) else { throw .diverged }
    return basis
  }

  private static func penalties(of rows: SparseRows, _ settings: Settings) -> [Float] {
    (0..<rows.rowCount).map { settings.penalty(sum: rows.sum(ofRow: $0), others: rows.columnCount) }
  }

  /// Normal numbers by Box and Muller.
  private static func beginning(_ count: Int, _ settings: Settings) -> FloatMatrix {
    var generator = SeededGenerator(seed: settings.seed)
    let deviation = Double(settings.initialDeviation) / Double(settings.dimensions).squareRoot()
    let values = (0..<count * settings.dimensions).map { _ in
      let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
      return Float(deviation * radius * cos(2 * .pi * generator.nextUnit()))
    }
    return FloatMatrix(rowCount: count, columnCount: settings.dimensions, values: values)
  }

  // MARK: After training

  /// Vectors of people who were not in the training, or have done more since: one for each row of `interactions`, whose
  /// columns are items of the training.
  /// - Returns: Shape `[interactions.rowCount, d]`; 0 for who has done nothing.
  public func foldIn(people interactions: SparseRows, workers: Int = 1) -> FloatMatrix {
    itemRidge.solve(interactions, penalties: Self.penalties(of: interactions, settings), workers: workers)
  }

  /// Vectors of items that came after the training: one for each row of `interactions`, whose columns are people of the
  /// training.
  /// - Returns: Shape `[interactions.rowCount, d]`; 0 for what nobody has touched.
  /// - Throws: `TrainingRefusal.diverged` when the people's vectors hold what is no number.
  /// - Complexity: O(people · d²) once, then as in training.
  public func foldIn(items interactions: SparseRows, workers: Int = 1) throws(TrainingRefusal) -> FloatMatrix {
    let basis = try Self.basis(of: people)
    let solved = GramRidge(people, basis, settings, workers).solve(
      interactions, penalties: Self.penalties(of: interactions, settings), workers: workers)
    return basis.restored(solved, workers: workers)
  }

  /// wᵀh of every item for each row of `vectors`, about 0 to 1; shape `[vectors.rowCount, items]`.
  public func scores(of vectors: FloatMatrix, workers: Int = 1) -> FloatMatrix {
    vectors.multiplied(byTransposed: items, workers: workers)
  }

  /// Bytes that a fit takes at most, the training set included.
  public static func memoryBytes(
    people: Int, items: Int, interactions: Int, settings: Settings = Settings(), workers: Int = 2
  ) -> Int {
    let (size, rows) = (settings.dimensions, people + items)
    let sets = 2 * (interactions * 8 + rows * 16)
    // Vectors, those that the next ones are solved from, where steps begin, and the two kept for folding in.
    let vectors = (settings.solver == .exact ? 4 : 5) * 4 * size * rows
    let systems = (workers * (max(size, 512) + size) + 5 * size) * size * 4
    return sets + vectors + systems
  }
}

extension GramRidge {
  fileprivate init(_ factors: FloatMatrix, _ basis: Eigenbasis, _ settings: ImplicitALS.Settings, _ workers: Int) {
    self.init(
      factors: basis.rotated(factors, workers: workers), spectrum: basis.spectrum,
      unobservedWeight: settings.unobservedWeight)
  }
}
