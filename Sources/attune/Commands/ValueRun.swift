import Documents
import Foundation
import Learning
import Models
import Primitives
import Synchronization

/// Reads, fits and predicts for one `attune value`.
struct ValueRun {
  enum Source {
    case log(TransactionLog)
    case summary(CustomerSummary)
  }

  let source: Source
  let dropout: BetaGeometricNBD.Dropout
  /// Longest horizon, in longest ages of the file: further off a prediction says nothing and takes without end.
  private static let agesMax = 1_000.0

  /// In the histories' unit; nil takes a year of weeks, or the time held out.
  let horizon: Double?
  let level: Double
  /// Of a year.
  let discountRate: Double
  let checksHoldout: Bool
  let threads: Int
  let terminal: Terminal

  struct Result {
    let estimation: ValueEstimation
    let predictions: [ValueEstimation.Prediction]
    let horizon: Double
    let level: Double
    let holdout: HoldoutCheck?
    let seconds: Double
  }

  /// - Throws: `DocumentError`, `ValueRefusal`, `CommandFailure`.
  func result() throws -> Result {
    let table: PurchaseTable
    switch source {
    case .log(let log): table = try log.load { terminal.progress("reading: \($0.grouped) rows") }
    case .summary(let summary): table = try summary.load { terminal.progress("reading: \($0.grouped) customers") }
    }
    terminal.endProgress()
    for note in table.notes { terminal.note(note) }
    if checksHoldout, table.weeksAfter <= 0 {
      throw CommandFailure("no purchase stands after the --holdout day: there is nothing to compare with")
    }
    let horizon = horizon ?? (checksHoldout ? table.weeksAfter : 365.25 / 7)
    let oldest = table.customers.reduce(0) { max($0, $1.history.age) }
    // Where nobody was seen for any time the fit says so.
    if oldest > 0, horizon > Self.agesMax * oldest {
      throw CommandFailure(
        "found a horizon of \(horizon.fixed(1)) \(table.unit), expected at most 1,000 times the longest time that a "
          + "customer was seen, which is \(oldest.fixed(1)); give a shorter --horizon")
    }
    let clock = ContinuousClock()
    let began = clock.now
    terminal.progress("fitting \(table.customers.count.grouped) customers")
    let estimation = try ValueEstimation(table, dropout: dropout, workers: threads)
    let seconds = (clock.now - began) / .seconds(1)
    terminal.endProgress()
    for warning in warnings(of: estimation) { terminal.note("note: \(warning)") }
    if horizon > 2 * oldest {
      terminal.note("note: the horizon is more than twice as long as anybody was seen; that far it is a guess")
    }
    func predictions(over horizon: Double, discountRate: Double) -> [ValueEstimation.Prediction] {
      let rate = pow(1 + discountRate, 7 / 365.25) - 1
      return estimation.predictions(horizon: horizon, level: level, discountRate: rate, workers: threads) {
        terminal.progress("predicting: \(Int($0 * 100)) %")
      }
    }
    let all = predictions(over: horizon, discountRate: discountRate)
    var check: HoldoutCheck?
    if checksHoldout {
      let weeks = table.weeksAfter
      let same = horizon == weeks && discountRate == 0
      check = HoldoutCheck(
        table.customers, same ? all : predictions(over: weeks, discountRate: 0), weeks: weeks)
    }
    terminal.endProgress()
    return Result(
      estimation: estimation, predictions: all, horizon: horizon, level: level, holdout: check, seconds: seconds)
  }

  private func warnings(of estimation: ValueEstimation) -> [String] {
    var warnings: [String] = []
    for name in estimation.purchases.atBound + (estimation.spend?.atBound ?? []) {
      warnings.append("the parameter \(name) went to its bound: the data do not say what it describes")
    }
    if let refusal = estimation.spendRefusal { warnings.append("no value is predicted: \(refusal)") }
    if estimation.spend != nil, let r = estimation.spendCorrelation, abs(r) > 0.3 {
      warnings.append(
        "who buys more often spends \(r > 0 ? "more" : "less") a purchase (r = \(r.fixed(2))); the model holds these independent"
      )
    }
    let repeaters = estimation.table.customers.count { $0.history.frequency > 0 }
    if repeaters < 100 { warnings.append("only \(repeaters) customers bought again: look at the standard errors") }
    return warnings
  }
}

extension PurchaseTable {
  /// In which times are; nobody has said it where a row for each customer is given.
  fileprivate var unit: String { until == nil ? "units of time" : "weeks" }
}

extension ValueRun.Result {
  private typealias Row = (PurchaseTable.Customer, ValueEstimation.Prediction)

  /// The customers worth most, or who will buy most.
  private var best: [Row] {
    let rows = zip(estimation.table.customers, predictions)
    return Array(
      rows.sorted {
        let left = $0.1.value?.expected ?? $0.1.purchases.expected
        let right = $1.1.value?.expected ?? $1.1.purchases.expected
        return left == right ? $0.0.id < $1.0.id : left > right
      }.prefix(10))
  }

  private var modelName: String {
    switch estimation.purchases.model.dropout {
    case .afterRepeatPurchase: "BG/NBD"
    case .afterEveryPurchase: "MBG/NBD"
    }
  }

  var lines: [String] {
    let table = estimation.table
    let repeaters = table.customers.count { $0.history.frequency > 0 }
    var lines = [
      "\(table.customers.count.grouped) customers, \(repeaters.grouped) bought again"
        + (table.until.map { "; seen until \($0.description.prefix(10))" } ?? "") + "; fitted in \(seconds.fixed(2)) s",
      "",
    ]
    lines += Self.lines(of: estimation.purchases, named: "purchases (\(modelName))")
    if let spend = estimation.spend { lines += Self.lines(of: spend, named: "amounts (gamma-gamma)") }
    if let holdout { lines += Self.lines(of: holdout) }
    let purchases = predictions.reduce(0) { $0 + $1.purchases.expected }
    lines.append(
      "over the next \(horizon.fixed(1)) \(table.unit): \(purchases.fixed(0)) purchases expected"
        + (estimation.spend == nil
          ? "" : ", worth \(predictions.reduce(0) { $0 + ($1.value?.expected ?? 0) }.fixed(0))"))
    lines.append("")
    let percent = (level * 100).fixed(0)
    var rows = Table([.left, .right, .right, .right, .left, .right, .left, .left])
    let hasValue = estimation.spend != nil
    rows.add(
      ["customer", "repeats", "alive", "purchases", "\(percent) %"]
        + (hasValue ? ["value", "\(percent) %"] : []) + ["evidence"])
    for (customer, prediction) in best {
      let bought = prediction.purchases
      var cells = [
        customer.id, String(customer.history.frequency), bought.probabilityAlive.fixed(2), bought.expected.fixed(2),
        Self.text(bought.interval, 0),
      ]
      if hasValue {
        cells += [prediction.value?.expected.fixed(2) ?? "", prediction.value.map { Self.text($0.interval, 2) } ?? ""]
      }
      rows.add(cells + [bought.evidence.rawValue])
    }
    return lines + rows.lines()
  }

  private static func text(_ interval: ClosedRange<Double>, _ digits: Int) -> String {
    "\(interval.lowerBound.fixed(digits)) to \(interval.upperBound.fixed(digits))"
  }

  private static func lines(of fit: LikelihoodFit<some Sendable>, named name: String) -> [String] {
    var rows = Table([.left, .right, .right])
    rows.add([name, "value", "standard error"])
    for parameter in fit.parameters {
      rows.add(["  \(parameter.name)", parameter.value.fixed(4), parameter.standardError?.fixed(4) ?? "not known"])
    }
    rows.add(["  log-likelihood", fit.logLikelihood.fixed(4), ""])
    return rows.lines() + [""]
  }

  private static func lines(of check: HoldoutCheck) -> [String] {
    var rows = Table([.left, .right, .right, .right, .left])
    rows.add(["held out: \(check.weeks.fixed(1)) weeks", "customers", "predicted", "actual", "# predicted  * actual"])
    let greatest = check.rows.reduce(1e-9) { max($0, $1.predicted, $1.actual) }
    for row in check.rows {
      func bar(_ value: Double, _ mark: String) -> String {
        String(repeating: mark, count: Int((value / greatest * 30).rounded()))
      }
      let frequency = row.frequency == HoldoutCheck.frequencyMax ? "\(row.frequency) or more" : String(row.frequency)
      rows.add([
        "  \(frequency) repeats before", row.customers.grouped, row.predicted.fixed(3), row.actual.fixed(3),
        bar(row.predicted, "#"),
      ])
      rows.add(["", "", "", "", bar(row.actual, "*")])
    }
    var lines = rows.lines()
    lines.append(
      "  in all \(check.predicted.fixed(0)) purchases predicted, \(Int(check.actual).grouped) made; "
        + "\((check.coverage * 100).fixed(1)) % of customers within their interval")
    if let value = check.predictedValue, let actual = check.actualValue, let coverage = check.valueCoverage {
      lines.append(
        "  worth \(value.fixed(0)) predicted, \(actual.fixed(0)) spent; \((coverage * 100).fixed(1)) % of customers within"
      )
    }
    return lines + [""]
  }

  /// A row for each customer.
  func write(to path: String, terminal: Terminal) throws {
    let hasValue = estimation.spend != nil
    var columns = [
      "customer", "repeat_purchases", "recency", "age", "probability_alive", "expected_purchases", "purchases_low",
      "purchases_high", "expected_purchases_standard_error", "evidence",
    ]
    if hasValue {
      columns += [
        "mean_amount", "expected_amount", "expected_value", "value_low", "value_high", "expected_value_standard_error",
      ]
    }
    var output = try TableOutput(format: .csv, columns: columns, path: path, terminal: terminal)
    do {
      for (customer, prediction) in zip(estimation.table.customers, predictions) {
        let bought = prediction.purchases
        var row: [JSONValue?] = [
          .string(customer.id), .int(Int64(customer.history.frequency)), .double(customer.history.recency),
          .double(customer.history.age), .double(bought.probabilityAlive), .double(bought.expected),
          .double(bought.interval.lowerBound), .double(bought.interval.upperBound), .double(bought.standardError),
          .string(bought.evidence.rawValue),
        ]
        if hasValue {
          let value = prediction.value
          row += [
            customer.spend.count > 0 ? .double(customer.spend.mean) : nil, value.map { .double($0.expectedSpend) },
            value.map { .double($0.expected) }, value.map { .double($0.interval.lowerBound) },
            value.map { .double($0.interval.upperBound) }, value.map { .double($0.standardError) },
          ]
        }
        try output.add(row)
      }
      try output.finish()
    } catch {
      output.discard()
      throw error
    }
    terminal.note("\(predictions.count.grouped) customers written to \(path)")
  }

  var json: [UInt8] {
    var writer = JSONWriter()
    writer.object { root in
      root.member("customers", estimation.table.customers.count)
      root.member("repeat_customers", estimation.table.customers.count { $0.history.frequency > 0 })
      if let until = estimation.table.until { root.member("until", until) }
      root.member("purchases", object: { Self.write(estimation.purchases, to: &$0) })
      if let spend = estimation.spend {
        root.member(
          "amounts",
          object: {
            Self.write(spend, to: &$0)
            $0.member("frequency_correlation", estimation.spendCorrelation)
          })
      }
      if let refusal = estimation.spendRefusal { root.member("amounts_refused", refusal.description) }
      root.member("fit_seconds", seconds)
      root.member("horizon", horizon)
      root.member("level", level)
      root.member("expected_purchases", predictions.reduce(0) { $0 + $1.purchases.expected })
      if estimation.spend != nil {
        root.member("expected_value", predictions.reduce(0) { $0 + ($1.value?.expected ?? 0) })
      }
      if let holdout { root.member("holdout", object: { Self.write(holdout, to: &$0) }) }
      root.member(
        "best",
        array: { list in
          for (customer, prediction) in best {
            list.object {
              $0.member("customer", customer.id)
              $0.member("repeat_purchases", customer.history.frequency)
              $0.member("probability_alive", prediction.purchases.probabilityAlive)
              $0.member("expected_purchases", prediction.purchases.expected)
              $0.member("expected_value", prediction.value?.expected)
              $0.member("value_low", prediction.value?.interval.lowerBound)
              $0.member("value_high", prediction.value?.interval.upperBound)
              $0.member("evidence", prediction.purchases.evidence.rawValue)
            }
          }
        })
    }
    return writer.bytes + [0x0A]
  }

  private static func write(_ fit: LikelihoodFit<some Sendable>, to writer: inout JSONWriter) {
    writer.member(
      "parameters",
      object: {
        for parameter in fit.parameters {
          $0.member(
            parameter.name,
            object: {
              $0.member("value", parameter.value)
              $0.member("standard_error", parameter.standardError)
            })
        }
      })
    writer.member("log_likelihood", fit.logLikelihood)
    writer.member("customers", fit.customers)
    writer.member("steps", fit.steps)
    writer.member("at_bound", array: { for name in fit.atBound { $0.string(name) } })
  }

  private static func write(_ check: HoldoutCheck, to writer: inout JSONWriter) {
    writer.member("weeks", check.weeks)
    writer.member("predicted_purchases", check.predicted)
    writer.member("actual_purchases", check.actual)
    writer.member("coverage", check.coverage)
    writer.member("predicted_value", check.predictedValue)
    writer.member("actual_value", check.actualValue)
    writer.member("value_coverage", check.valueCoverage)
    writer.member(
      "by_frequency",
      array: { list in
        for row in check.rows {
          list.object {
            $0.member("frequency", row.frequency)
            $0.member("customers", row.customers)
            $0.member("predicted", row.predicted)
            $0.member("actual", row.actual)
          }
        }
      })
  }
}
