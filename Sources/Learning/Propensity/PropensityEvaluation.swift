public import Mathematics
import Primitives

/// How good the propensities of a table are on rows that nothing was learnt from: each fold is predicted by a model that
/// chose its settings, blend and calibration on the other folds alone.
public struct PropensityEvaluation: Sendable {
  /// The measures of some rows, each with its interval.
  public struct Figures: Sendable, Hashable {
    public let rows: Int
    public let yes: Int
    /// nil when the rows have one label only.
    public let auc: Bootstrap.Estimate?
    public let logLoss: Bootstrap.Estimate
    public let brier: Bootstrap.Estimate
    /// ECE with ten bins of equally many rows, and of equal width. Drawing rows anew adds noise to each bin, which raises
    /// the ECE of nearly every draw: the intervals are moved to stand around the figure itself, never below 0.
    public let equalMassError: Bootstrap.Estimate
    public let equalWidthError: Bootstrap.Estimate
  }

  public struct Fold: Sendable {
    public let name: String
    public let figures: Figures
    public let calibration: Calibrator.Method
    public let candidates: [PropensityModel.Candidate]
  }

  /// A row as the model that had not seen it predicts it.
  public struct Explained: Sendable {
    /// From 0, in the table's order.
    public let row: Int
    public let label: Float
    public let prediction: PropensityModel.Prediction
    /// Of the table's columns, the largest first; with the base they sum to the score.
    public let reasons: [(name: String, amount: Double)]
  }

  public let folds: [Fold]
  public let pooled: Figures
  /// Mean over the folds, as tables of results have it.
  public let meanAUC: Double?
  public let meanLogLoss: Double
  /// Shape `[rows]`.
  public let probabilities: [Double]
  /// Rows for which there is too little evidence.
  public let unsureCount: Int
  public let explained: [Explained]

  public struct Request: Sendable, Hashable {
    /// When the table has none of its own.
    public var foldCount = 5
    /// Rows to explain: the likeliest.
    public var explainedCount = 0
    public var seed: UInt64 = 0
    public var workers = 1

    public init() {}
  }

  /// - Parameters:
  ///   - isOver: Whether the time for the settings of the fold with this place is up.
  ///   - report: Told how far it is; says whether to go on.
  /// - Throws: `PropensityError`.
  public init(
    of table: PropensityTable, request: Request = Request(), isOver: (Int) -> Bool = { _ in true },
    report: (String) -> Bool = { _ in true }
  ) throws(PropensityError) {
    let labels = table.labels
    for label in [0, 1] {
      let found = labels.count { $0 == Float(label) }
      guard found >= PropensityTrainer.labelsMin else {
        throw .fewOutcomes(label: label, found: found, expected: PropensityTrainer.labelsMin)
      }
    }
    let rarer = min(labels.count { $0 == 0 }, labels.count { $0 == 1 })
    if table.folds == nil, !(2...rarer).contains(request.foldCount) {
      throw .refused(
        "found \(rarer) rows of the rarer label for \(request.foldCount) folds, expected 2 to \(rarer) folds: "
          + "each needs a row of it")
    }
    let assigned =
      table.folds ?? PropensityTrainer.stratifiedFolds(request.foldCount, labels: labels, seed: request.seed)
    let names = table.folds == nil ? (0..<request.foldCount).map { "\($0)" } : table.foldNames
    var probabilities = Array(repeating: 0.0, count: labels.count)
    var fitted: [(model: PropensityModel, encoding: FeatureEncoding)] = []
    var folds: [Fold] = []
    var unsureCount = 0
    for (fold, name) in names.enumerated() {
      let inside = labels.indices.filter { assigned[$0] != fold }
      let outside = labels.indices.filter { assigned[$0] == fold }
      let encoding = FeatureEncoding(of: table, rows: inside)
      let model = try PropensityTrainer(seed: request.seed, workers: request.workers).model(
        features: encoding.matrix(of: table, rows: inside), labels: inside.map { labels[$0] },
        folds: Self.innerFolds(inside, assigned, without: fold, count: names.count, labels, request.seed),
        isOver: { isOver(fold) }, report: { report("fold \(name): \($0)") })
      let matrix = encoding.matrix(of: table, rows: outside)
      for (place, probability) in model.probabilities(of: matrix).enumerated() {
        probabilities[outside[place]] = probability
      }
      unsureCount += outside.indices.count { model.evidenceGap(of: matrix[$0]) != nil }
      fitted.append((model, encoding))
      folds.append(
        Fold(
          name: name, figures: Figures(probabilities, labels, outside, seed: request.seed),
          calibration: model.calibrator.method, candidates: model.candidates))
    }
    self.folds = folds
    self.probabilities = probabilities
    self.unsureCount = unsureCount
    pooled = Figures(probabilities, labels, Array(labels.indices), seed: request.seed)
    let areas = folds.compactMap { $0.figures.auc?.value }
    meanAUC = areas.isEmpty ? nil : areas.reduce(0, +) / Double(areas.count)
    meanLogLoss = folds.reduce(0) { $0 + $1.figures.logLoss.value } / Double(folds.count)
    let likeliest = labels.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    // Reasons cost most of a prediction: only rows that are asked for get them.
    explained = likeliest.prefix(request.explainedCount).map { row in
      let (model, encoding) = fitted[assigned[row]]
      let prediction = model.prediction(of: encoding.matrix(of: table, rows: [row])[0])
      let reasons = zip(table.names, encoding.gathered(prediction.amounts)).map { (name: $0.0, amount: $0.1) }
      return Explained(
        row: row, label: labels[row], prediction: prediction,
        reasons: reasons.sorted { abs($0.amount) > abs($1.amount) })
    }
  }

  /// The table's other folds where there are three or more; else folds of their own.
  private static func innerFolds(
    _ rows: [Int], _ assigned: [Int], without fold: Int, count: Int, _ labels: [Float], _ seed: UInt64
  ) -> [Int] {
    guard count > 3 else {
      return PropensityTrainer.stratifiedFolds(4, labels: rows.map { labels[$0] }, seed: seed &+ UInt64(fold) &+ 1)
    }
    return rows.map { assigned[$0] > fold ? assigned[$0] - 1 : assigned[$0] }
  }
}

extension PropensityEvaluation.Figures {
  /// Percentile intervals over rows drawn anew, of which larger tables need fewer; those of ECE are centred.
  init(_ probabilities: [Double], _ labels: [Float], _ rows: [Int], seed: UInt64) {
    // In the order of the probabilities, so that what is drawn is all but sorted.
    let order = rows.sorted { probabilities[$0] < probabilities[$1] }
    let values = order.map { (p: probabilities[$0], y: Double(labels[$0])) }
    let draws = max(50, min(500, 5_000_000 / values.count))
    var generator = SeededGenerator(seed: seed)
    var drawn = Array(repeating: [Double](), count: 5)
    for _ in 0..<draws {
      var counts = Array(repeating: 0, count: values.count)
      for _ in values.indices { counts[Int(generator.next(upperBound: UInt64(values.count)))] += 1 }
      let metrics = ProbabilityMetrics(
        probabilities: values.indices.flatMap { Array(repeating: values[$0].p, count: counts[$0]) },
        labels: values.indices.flatMap { Array(repeating: values[$0].y, count: counts[$0]) })
      for (place, value) in Self.measures(metrics).enumerated() { if let value { drawn[place].append(value) } }
    }
    let all = ProbabilityMetrics(probabilities: values.map(\.p), labels: values.map(\.y))
    let estimates = zip(Self.measures(all), drawn).map { value, drawn in
      value.map { Bootstrap.estimate($0, drawn: drawn) }
    }
    func error(_ place: Int) -> Bootstrap.Estimate? {
      estimates[place].map { Bootstrap.centred($0.value, drawn: drawn[place]) }
    }
    self.rows = rows.count
    yes = rows.count { labels[$0] > 0.5 }
    auc = estimates[0]
    let none = Bootstrap.estimate(.nan, drawn: [])
    (logLoss, brier) = (estimates[1] ?? none, estimates[2] ?? none)
    (equalMassError, equalWidthError) = (error(3) ?? none, error(4) ?? none)
  }

  private static func measures(_ metrics: ProbabilityMetrics) -> [Double?] {
    [
      metrics.auc, metrics.logLoss, metrics.brier, metrics.calibrationError(.equalMass(10)),
      metrics.calibrationError(.equalWidth(10)),
    ]
  }
}
