import ArgumentParser
import Documents
import Foundation
import Learning
import Models
import Primitives

struct ValueCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "value", abstract: "Predicts what customers will buy and what they are worth.",
    discussion: """
      Fits BG/NBD (how often customers buy, and when they stop) and, with amounts,
      gamma-gamma (what a purchase is worth) to a log of transactions, a purchase a
      row, or to a row for each customer. Purchases of one day are one; times are in
      weeks, those of a row for each customer in units of its file. Separators (comma,
      semicolon, tab, bar, spaces) are found by themselves.

      Each customer gets the probability that it still buys, its purchases and value
      over the horizon, and an interval that holds what this one customer may do;
      'evidence' says how much of that is its own: none (one purchase), little (two
      or three) or enough.

      EXAMPLES
        attune value --data orders.csv --customer customer_id --time ordered_at \\
          --amount total --horizon 365d --out values.csv
        attune value --data CDNOW_master.txt --customer customer_id --time date \\
          --amount dollar_value --holdout 1997-09-30
        attune value --data summary.csv --customer ID --frequency x --recency t_x \\
          --age T --amount zbar
      """)

  enum Model: String, ExpressibleByArgument, CaseIterable {
    case bgNBD = "bg-nbd"
    case mbgNBD = "mbg-nbd"

    var dropout: BetaGeometricNBD.Dropout { self == .bgNBD ? .afterRepeatPurchase : .afterEveryPurchase }
  }

  @Option(help: ArgumentHelp("The file.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The column that names the customer.", valueName: "column"))
  var customer: String?

  @Option(help: ArgumentHelp("The column of the purchase's time: a date, or seconds since 1970.", valueName: "column"))
  var time: String?

  @Option(
    help: ArgumentHelp("The column of the amount, or of its mean in a row for each customer.", valueName: "column"))
  var amount: String?

  @Option(help: ArgumentHelp("A row for each customer: the column of repeat purchases.", valueName: "column"))
  var frequency: String?

  @Option(help: ArgumentHelp("The column of the time from first to last purchase.", valueName: "column"))
  var recency: String?

  @Option(help: ArgumentHelp("The column of the time from first purchase to the end.", valueName: "column"))
  var age: String?

  @Flag(help: "The file begins without names of columns; they are 1, 2, 3 and so on.")
  var noHeader = false

  @Option(
    help: ArgumentHelp("Purchases after this day are not looked at. Default: the last of the file.", valueName: "date"))
  var until: String?

  @Option(help: ArgumentHelp("Fit until this day and compare with what came after it.", valueName: "date"))
  var holdout: String?

  @Option(
    help: ArgumentHelp(
      "How far to look ahead: 90d, 52w; with a row for each customer a number, in units of the file. "
        + "Default: a year (52.2 units), or the time held out.", valueName: "duration"))
  var horizon: String?

  @Option(help: "What intervals hold.")
  var level = 0.9

  @Option(help: ArgumentHelp("What money loses in a year: 0.1 for 10 %.", valueName: "rate"))
  var discountRate = 0.0

  @Option(help: "bg-nbd, or mbg-nbd, in which a customer may stop after the first purchase.")
  var model = Model.bgNBD

  @Option(help: ArgumentHelp("Write a row for each customer to this CSV file.", valueName: "path"))
  var out: String?

  @Flag(help: "Leave rows aside that cannot be used (no date, negative amount), and count them.")
  var skipBadRows = false

  @Option(help: ArgumentHelp("How many threads.", valueName: "count"))
  var threads = 2

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard level > 0, level <= 0.999 else {
      throw ValidationError("--level takes a number above 0 and at most 0.999; models do not know what is rarer.")
    }
    guard discountRate >= 0, discountRate < 10 else {
      throw ValidationError("--discount-rate takes a number from 0 to 10.")
    }
    guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256.") }
    _ = try source()
    _ = try horizonUnits()
  }

  func run() throws {
    let terminal = Terminal()
    try OutputFile.check(out)
    let run = ValueRun(
      source: try source(), dropout: model.dropout, horizon: try horizonUnits(), level: level,
      discountRate: discountRate, checksHoldout: holdout != nil, threads: threads, terminal: terminal)
    let result: ValueRun.Result
    do {
      result = try run.result()
    } catch let error as DocumentError {
      throw CommandFailure(error.description)
    } catch let refusal as ValueRefusal {
      throw CommandFailure("\(data): \(refusal)")
    }
    if let out { try result.write(to: out, terminal: terminal) }
    if json {
      terminal.write(result.json)
    } else {
      for line in result.lines { terminal.line(line) }
    }
  }

  private func source() throws -> ValueRun.Source {
    if let frequency {
      guard let recency, let age else {
        throw ValidationError("A row for each customer takes --frequency, --recency and --age.")
      }
      guard time == nil, until == nil, holdout == nil else {
        throw ValidationError("--time, --until and --holdout go with a log of transactions, not with --frequency.")
      }
      return .summary(
        CustomerSummary(
          path: data, hasHeader: !noHeader, customer: customer, frequency: frequency, recency: recency, age: age,
          amount: amount))
    }
    guard recency == nil, age == nil else { throw ValidationError("--recency and --age go with --frequency.") }
    guard let customer, let time else {
      throw ValidationError("A log of transactions takes --customer COLUMN and --time COLUMN.")
    }
    return .log(
      TransactionLog(
        path: data, hasHeader: !noHeader, customer: customer, time: time, amount: amount,
        until: try day(holdout ?? until, holdout == nil ? "--until" : "--holdout"),
        ignoringAfter: holdout == nil ? nil : try day(until, "--until"), skipsBadRows: skipBadRows))
  }

  private func day(_ text: String?, _ option: String) throws -> Timestamp? {
    guard let text else { return nil }
    guard let moment = PurchaseTable.moment(text) else {
      throw ValidationError("\(option) takes a day such as 1997-09-30, not '\(text)'.")
    }
    return moment
  }

  /// nil takes the default: a year, or the time held out.
  private func horizonUnits() throws -> Double? {
    guard let horizon else { return nil }
    if frequency != nil {
      guard let units = Double(horizon), units > 0, units.isFinite else {
        throw ValidationError(
          "--horizon takes a number above 0 in units of the file with a row for each customer, not '\(horizon)'.")
      }
      return units
    }
    guard let duration = Duration(documentText: horizon), duration > .zero else {
      throw ValidationError("--horizon takes a duration such as 90d or 52w, not '\(horizon)'.")
    }
    return duration / .seconds(PurchaseTable.secondsPerWeek)
  }
}
