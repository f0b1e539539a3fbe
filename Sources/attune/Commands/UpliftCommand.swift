import ArgumentParser
import Documents
import Foundation
import Learning
import Models

struct UpliftCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "uplift", abstract: "Finds whom a treatment persuades, and whom it is better to leave alone.",
    discussion: """
      Learns from an experiment, a person a row, how much the treatment adds for
      people with given features, and measures that on people held back. Columns of
      words and missing values are taken as they are; a column that is the same for
      everybody without the outcome (such as spend) is taken for a result and left out.

      LEARNERS
        s        one regression of both arms; products with the treatment held back
                 as strongly as predicts best. The default unless another is ahead.
        t-logit  a regression of each arm (of numbers: linear)
        x, dr    X-learner, doubly robust learner, on regressions
        t-trees, s-trees, dr-trees   the same with boosted trees
        best     chosen by held-back parts of the training half

      Qini, AUUC and uplift at 30 % are those of scikit-uplift. Intervals are 95 %, over people of the held-back half.

      EXAMPLES
        attune uplift --data campaign.csv --treatment mailed --outcome visited
        attune uplift --data hillstrom.csv --treatment segment \\
          --treated "Womens E-Mail" --control "No E-Mail" --outcome visit \\
          --ignore conversion,spend --repeats 10 --report uplift.html
      """)

  @Option(help: ArgumentHelp("The file: a person a row, with a header.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The column that says who was treated.", valueName: "column"))
  var treatment: String

  @Option(
    help: ArgumentHelp("Its value for the treated. Default: 1, true, yes, treatment or treated.", valueName: "value"))
  var treated: String?

  @Option(help: ArgumentHelp("Its value for the others; rows with neither are left out.", valueName: "value"))
  var control: String?

  @Option(help: ArgumentHelp("The column of what came of it: a number, or yes and no.", valueName: "column"))
  var outcome: String

  @Option(help: ArgumentHelp("Columns to learn from, by comma. Default: all others.", valueName: "columns"))
  var features: String?

  @Option(help: ArgumentHelp("Columns that are not to be used: other outcomes, ids.", valueName: "columns"))
  var ignore: String?

  @Option(help: ArgumentHelp("How to learn.", valueName: "learner"))
  var learner = "best"

  @Option(help: "Share of the people that is held back to measure on.")
  var testShare = 0.5

  @Option(help: "Of the split and of all that is drawn.")
  var seed: UInt64 = 42

  @Flag(inversion: .prefixedNo, help: "Both parts have the same share of each arm and outcome.")
  var stratify = true

  @Option(help: ArgumentHelp("Splits with seeds one after the other; the first is shown whole.", valueName: "count"))
  var repeats = 1

  @Option(help: "Groups of people by predicted uplift.")
  var groups = 10

  @Option(help: ArgumentHelp("What one treatment costs, in units of the outcome.", valueName: "number"))
  var cost = 0.0

  @Option(help: "drawn: everybody had the same chance; estimated: learnt from the features, when it was not drawn.")
  var propensity = PropensityChoice.drawn

  @Option(help: ArgumentHelp("Write each person's line, part, uplift and group to this CSV file.", valueName: "path"))
  var out: String?

  @Option(help: ArgumentHelp("Write a page with curve and groups.", valueName: "path"))
  var report: String?

  @Flag(help: "Print JSON.")
  var json = false

  enum PropensityChoice: String, ExpressibleByArgument, CaseIterable { case drawn, estimated }

  func validate() throws {
    guard testShare > 0, testShare < 1 else { throw ValidationError("--test-share takes a number between 0 and 1.") }
    guard (1...1_000).contains(repeats) else { throw ValidationError("--repeats takes a number from 1 to 1000.") }
    guard (2...100).contains(groups) else { throw ValidationError("--groups takes a number from 2 to 100.") }
    guard cost.isFinite else { throw ValidationError("--cost takes a number.") }
    let known = UpliftLearners.names + ["best"]
    guard known.contains(learner) else {
      let hint = nearestWord(to: learner, among: known).map { " Did you mean '\($0)'?" } ?? ""
      throw ValidationError("There is no learner '\(learner)'; there are \(known.joined(separator: ", ")).\(hint)")
    }
  }

  func run() throws {
    for path in [out, report] { try OutputFile.check(path) }
    func list(_ text: String?) -> [String]? {
      text?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
    var settings = UpliftEvaluation.Settings()
    (settings.testShare, settings.seed, settings.isStratified) = (testShare, seed, stratify)
    (settings.groups, settings.cost) = (groups, cost)
    settings.propensity = propensity == .drawn ? .drawn : .estimated
    let terminal = Terminal()
    let file = ExperimentFile(
      path: data, treatment: treatment, treated: treated, control: control, outcome: outcome,
      features: list(features), ignored: Set(list(ignore) ?? []))
    let run = UpliftRun(file: file, learner: learner, settings: settings, repeats: repeats, terminal: terminal)
    let result: UpliftRun.Result
    do {
      result = try run.result()
    } catch let error as DocumentError {
      throw CommandFailure(error.description)
    } catch let refusal as UpliftRefusal {
      throw CommandFailure("\(data): \(refusal)")
    }
    if let out { try result.write(to: out, terminal: terminal) }
    if let report { try UpliftReport(result: result, title: data).write(to: report, terminal: terminal) }
    if json {
      terminal.write(result.json)
    } else {
      for line in result.lines { terminal.line(line) }
    }
  }
}
