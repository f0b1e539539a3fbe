import ArgumentParser
import Documents
import Foundation
import Learning

struct PropensityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "propensity", abstract: "Learns how likely people are to do something, from a table of people.",
    discussion: """
      The table is a CSV file with a header and a row for each person. The label
      is 0 or 1, true or false, yes or no. Columns of numbers are numbers, others
      are categories; an empty field is missing, a category that the training had
      not is none of those it had.

      Each fold is predicted by a model that has seen the other folds alone: its
      settings, its blend of boosted trees and logistic regression, and its
      calibration (none, Platt or isotonic) are chosen by log-loss on folds of its
      own within them. Intervals are those of a bootstrap over rows, 95 %.

      With --explain N the N likeliest rows are told with their reasons: amounts
      of log-odds that sum, with the base, to the score before calibration. Where
      there is too little evidence for a number that is said instead.

      EXAMPLE
        attune propensity --data customers.csv --label churned --tune 2m --explain 5
        attune propensity --data customers.csv --label churned --fold fold --json
      """)

  @Option(help: ArgumentHelp("The table.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The column of the label.", valueName: "column"))
  var label: String

  @Option(
    help: ArgumentHelp(
      "The column that says which fold a row is in; folds are drawn when not given.", valueName: "column"))
  var fold: String?

  @Option(help: "How many folds to draw when the table has none.")
  var folds = 5

  @Option(help: ArgumentHelp("Columns to learn from, by comma; all others when not given.", valueName: "columns"))
  var features: String?

  @Option(help: ArgumentHelp("Look for better settings for so long in all: 90s, 2m.", valueName: "duration"))
  var tune: String?

  @Option(help: ArgumentHelp("How many rows to explain, the likeliest first.", valueName: "count"))
  var explain = 0

  @Option(help: "Of all that is drawn by chance.")
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("How many threads.", valueName: "count"))
  var threads = 1

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    guard (2...100).contains(folds) else { throw ValidationError("--folds takes a number from 2 to 100.") }
    guard (0...100_000).contains(explain) else { throw ValidationError("--explain takes a number from 0 to 100000.") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256.") }
    if let tune, Duration(documentText: tune) == nil {
      throw ValidationError("--tune takes a duration such as 90s, 10m or 1h, not '\(tune)'.")
    }
  }

  func run() throws {
    let terminal = Terminal()
    let named = features?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let request = PropensityTable.Request(label: label, fold: fold, features: named)
    do {
      terminal.progress("reading")
      let table = try PropensityTable(path: data, request: request)
      terminal.endProgress()
      note(of: table, terminal)
      let report = PropensityReport(table: table, evaluation: try evaluation(of: table, terminal))
      terminal.endProgress()
      if json {
        terminal.write(report.json())
      } else {
        for line in report.lines() { terminal.line(line) }
      }
    } catch let error as DocumentError {
      terminal.endProgress()
      throw CommandFailure(error.description)
    } catch let error as PropensityError {
      terminal.endProgress()
      throw CommandFailure("\(data): \(error)")
    }
  }

  private func evaluation(of table: PropensityTable, _ terminal: Terminal) throws -> PropensityEvaluation {
    var request = PropensityEvaluation.Request()
    (request.foldCount, request.explainedCount) = (folds, explain)
    (request.seed, request.workers) = (seed, threads)
    let count = table.folds == nil ? folds : table.foldNames.count
    guard count <= 100 else {
      throw CommandFailure("found \(count) folds, expected at most 100: is '\(fold ?? "")' the column of the folds?")
    }
    let each = tune.flatMap(Duration.init(documentText:)).map { $0 / count }
    let clock = ContinuousClock()
    var ends: [Int: ContinuousClock.Instant] = [:]
    return try PropensityEvaluation(
      of: table, request: request,
      isOver: { fold in
        guard let each else { return true }
        // A fold's time begins when it does.
        let end = ends[fold] ?? clock.now + each
        ends[fold] = end
        return clock.now >= end
      },
      report: {
        terminal.progress($0)
        return true
      })
  }

  private func note(of table: PropensityTable, _ terminal: Terminal) {
    let yes = table.labels.count { $0 > 0.5 }
    terminal.note("\(table.rowCount.grouped) rows, \(yes.grouped) of them yes; \(table.names.count) features")
    for (name, reason) in table.leftOut.sorted(by: { $0.key < $1.key }) {
      terminal.note("'\(name)' is left out: \(reason)")
    }
    if table.duplicateCount > 0 {
      terminal.note(
        "\(table.duplicateCount.grouped) rows are the same as another in everything; "
          + "if they are one person, figures are too good where folds share them")
    }
  }
}
