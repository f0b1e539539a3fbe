import Mathematics
import Models

/// One of the models that a propensity is blended of; each gives a logit.
struct PropensityMember: Sendable, Hashable {
  /// How a member is fitted.
  enum Recipe: Sendable, Hashable {
    case trees(TreeTrainer.Settings)
    /// Logistic regression on scaled columns with an L2 penalty.
    case line(penalty: Double)

    var text: String {
      switch self {
      case .trees(let settings):
        "trees: depth \(settings.depth), eta \(settings.learningRate), rounds \(settings.rounds), least cover "
          + "\(settings.leafCoverMin), penalty \(settings.penalty), rows \(settings.rowShare), features "
          + "\(settings.featureShare)"
      case .line(let penalty): "logistic: penalty \(penalty)"
      }
    }
  }

  private enum Form: Hashable {
    case trees(TreeEnsemble, TreeContributions)
    case line(LogisticRegression, ColumnScaling)
  }

  let recipe: Recipe
  private let form: Form

  /// - Parameter validation: Rows that a tree recipe watches to end early, and what is told of each round.
  init(
    _ recipe: Recipe, examples: TreeExamples, workers: Int, validation: TreeExamples? = nil,
    progress: (TreeTrainer.Progress) -> TreeTrainer.Step = { _ in .proceed }
  ) throws(PropensityError) {
    self.recipe = recipe
    do {
      switch recipe {
      case .trees(let settings):
        let ensemble = try TreeTrainer(settings: settings, workers: workers).fit(
          examples, validation: validation, progress: progress)
        form = .trees(ensemble, TreeContributions(ensemble))
      case .line(let penalty):
        let scaling = ColumnScaling(of: examples.features)
        let line = try LogisticRegression(
          features: scaling.scaled(examples.features), labels: examples.labels, penalty: penalty)
        form = .line(line, scaling)
      }
    } catch TreeTrainingError.stopped {
      throw .stopped
    } catch {
      throw .refused("\(error)")
    }
  }

  private init(_ recipe: Recipe, _ form: Form) { (self.recipe, self.form) = (recipe, form) }

  /// The member of its first trees.
  func prefix(_ rounds: Int) -> PropensityMember {
    guard case .trees(let ensemble, _) = form, case .trees(var settings) = recipe else { return self }
    settings.rounds = rounds
    settings.patience = nil
    let shorter = ensemble.prefix(rounds)
    return PropensityMember(.trees(settings), .trees(shorter, TreeContributions(shorter)))
  }

  /// The logit of each row.
  func logits(of rows: FloatMatrix) -> [Double] {
    switch form {
    case .trees(let ensemble, _): return ensemble.margins(of: rows).map { Double($0) }
    case .line(let line, let scaling):
      let scaled = scaling.scaled(rows)
      return (0..<rows.rowCount).map { line.logit(of: scaled[$0]) }
    }
  }

  /// What the logit is made of: `base`, and an amount for each feature. Trees by their Shapley values; a line's are
  /// wᵢ (xᵢ − mean), 0 where the value is missing.
  func parts(of row: ArraySlice<Float>) -> (base: Double, amounts: [Double]) {
    switch form {
    case .trees(_, let contributions): return (contributions.bias, contributions.contributions(to: row))
    case .line(let line, let scaling):
      let scaled = scaling.scaled(FloatMatrix(rowCount: 1, columnCount: row.count, values: Array(row)))
      return (line.intercept, zip(scaled.values, line.coefficients).map { Double($0) * $1 })
    }
  }
}
