import ArgumentParser
import Documents
import Foundation
import Learning
import Primitives

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Measures models on a data set.",
    discussion: """
      FORMATS
        ncf        --train F       user item a line
                   --negatives F   (user,item), then the items to rank among
                   --validation F  user, item, items to rank among; drawn from the
                                   training when not given
        sequences  --data F        user item a line, in order; each user's last
                                   item, among all that are new to them
        sessions   --train F       a session a line
                   --test F        items, a tab, the next item; among all items
        csv        --data F --user C --item C --time C
                   --split temporal:0.8 what people came to afterwards, or
                   --split last    each person's last item; both among all that
                                   is new to them

      Metrics are hr, ndcg, recall and mrr at k, and, where the whole catalogue is
      ranked, of the first k: coverage and gini (how evenly the catalogue is
      shown), novelty in bits, diversity within a list, calibration (Steck 2018:
      how far the list's categories are from the person's; 0 is best). Each has the
      95 % interval of a bootstrap over users; ties count against the model.
      Several models are also compared question by question. fit_seconds is the
      time of a fit, peak_mb the most memory that the program had from then on.

      Models: \(EvaluableModels.names.joined(separator: ", ")).
      ials_cg is ials fitted by conjugate gradients: faster, and near it. hybrid
      blends the others by weights that it learns on the validation; best is the
      one of all of them that does best there. The validation is made of the
      training alone, and is all that --tune looks at. Its time is shared by the
      models that gain by it; one that takes longer is left out, which is told.

      EXAMPLE
        attune evaluate --format sequences --data ml-1m.txt --model ials,popularity
        attune evaluate --format csv --data orders.csv --user customer \\
          --item product --time ordered_at --model best --tune 10m --json
        attune evaluate --format csv --data orders.csv --user customer \\
          --item product --time ordered_at --split last \\
          --model ials,co_visitation --seeds 0,1,2 --report report.html
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case ncf, sequences, sessions, csv }

  @Option(help: "ncf, sequences, sessions or csv.")
  var format: Format

  @Option(help: ArgumentHelp("The training file (ncf, sessions).", valueName: "file"))
  var train: String?

  @Option(help: ArgumentHelp("The test file with given items to rank among (ncf).", valueName: "file"))
  var negatives: String?

  @Option(help: ArgumentHelp("Held-out items for tuning (ncf).", valueName: "file"))
  var validation: String?

  @Option(help: ArgumentHelp("The test file (sessions).", valueName: "file"))
  var test: String?

  @Option(help: ArgumentHelp("The file (sequences, csv).", valueName: "file"))
  var data: String?

  @Option(help: ArgumentHelp("The column of the person (csv).", valueName: "column"))
  var user: String?

  @Option(help: ArgumentHelp("The column of the item (csv).", valueName: "column"))
  var item: String?

  @Option(help: ArgumentHelp("The column of the time: numbers since 1970, or dates (csv).", valueName: "column"))
  var time: String?

  @Option(
    help: ArgumentHelp(
      "temporal:S, the share S of the rows that is trained on; or last, each person's last item (csv).",
      valueName: "split"))
  var split = "temporal:0.8"

  @Option(
    help: ArgumentHelp(
      "The column of the item's categories, parted by |: for diversity and calibration (csv).", valueName: "column"))
  var category: String?

  @Option(help: ArgumentHelp("Which models, by comma; or best.", valueName: "names"))
  var model = "best"

  @Option(
    help: ArgumentHelp("Look for better settings for so long in all: 90s, 10m, 1h.", valueName: "duration"))
  var tune: String?

  @Option(help: "How many of the best answers count.")
  var k = 10

  @Option(help: "Of all that is drawn by chance.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp("Fit with each of these seeds: 0,1,2. Figures are their mean ± deviation.", valueName: "list"))
  var seeds: String?

  @Option(help: ArgumentHelp("Write a page with plots, for people.", valueName: "file.html"))
  var report: String?

  @Option(help: ArgumentHelp("How many threads.", valueName: "count"))
  var threads = 2

  @Option(help: ArgumentHelp("A model that would take more memory is not fitted: 500MB, 2GB.", valueName: "size"))
  var memory: MemorySize?

  @Flag(help: "Print JSON.")
  var json = false

  func validate() throws {
    _ = try source()
    _ = try models()
    _ = try chosenSeeds()
    guard (1...1_000_000).contains(k) else { throw ValidationError("--k takes a number from 1 to 1000000.") }
    guard (1...256).contains(threads) else { throw ValidationError("--threads takes a number from 1 to 256.") }
    if let tune, Duration(documentText: tune) == nil {
      throw ValidationError("--tune takes a duration such as 90s, 10m or 1h, not '\(tune)'.")
    }
  }

  func run() throws {
    let terminal = Terminal()
    try OutputFile.check(report)
    let seeds = try chosenSeeds()
    let run = EvaluationRun(
      source: try source(), models: try models(), tuning: tune.flatMap(Duration.init(documentText:)),
      evaluator: Evaluator(k: k, workers: threads, seed: seeds[0]), seeds: seeds, memoryMax: memory?.bytes,
      terminal: terminal)
    let outcome: EvaluationOutcome
    do {
      outcome = try run.outcome()
    } catch let error as DocumentError {
      throw CommandFailure(error.description)
    }
    if json {
      terminal.write(outcome.json())
    } else {
      for line in outcome.lines() { terminal.line(line) }
    }
    if let report {
      let page = EvaluationPage(outcome, description: description(of: outcome))
      try OutputFile.write(page.html.utf8, to: report)
      terminal.note("report: \(report)")
    }
  }

  /// What the report says of how its figures were made.
  private func description(of outcome: EvaluationOutcome) -> EvaluationPage.Description {
    let files = [data, train, test, negatives, validation].compactMap(\.self)
    let splitText =
      switch format {
      case .ncf: "given candidates for each held-out item"
      case .sequences: "each person's last item, among all that are new to them"
      case .sessions: "the next item of each prefix, among all items"
      case .csv:
        split == "last"
          ? "each person's last item, among all that are new to them"
          : "\(split): what people came to after the first part of the rows, among all that were new to them"
      }
    return EvaluationPage.Description(
      files: files.map { URL(filePath: $0).lastPathComponent }, split: splitText,
      command: "attune " + CommandLine.arguments.dropFirst().map(Self.quoted).joined(separator: " "))
  }

  /// As a shell takes it.
  private static func quoted(_ argument: String) -> String {
    let plain = argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./:,=+@%".contains($0)) }
    return plain && !argument.isEmpty ? argument : "'" + argument.replacing("'", with: "'\\''") + "'"
  }

  private func chosenSeeds() throws -> [UInt64] {
    guard let seeds else { return [seed] }
    let numbers = seeds.split(separator: ",", omittingEmptySubsequences: false).map { UInt64($0) }
    let chosen = numbers.compactMap(\.self)
    guard chosen.count == numbers.count, Set(chosen).count == chosen.count, (1...20).contains(chosen.count) else {
      throw ValidationError("--seeds takes up to 20 different numbers by comma, such as 0,1,2; found '\(seeds)'.")
    }
    return chosen
  }

  private func required(_ value: String?, _ option: String) throws -> String {
    guard let value else { throw ValidationError("--format \(format.rawValue) takes --\(option).") }
    return value
  }

  private func source() throws -> EvaluationSource {
    switch format {
    case .ncf:
      return .ncf(
        train: try required(train, "train FILE"), negatives: try required(negatives, "negatives FILE"),
        validation: validation)
    case .sequences: return .sequences(data: try required(data, "data FILE"))
    case .sessions:
      return .sessions(train: try required(train, "train FILE"), test: try required(test, "test FILE"))
    case .csv:
      let columns = EvaluationSource.CSVColumns(
        user: try required(user, "user COLUMN"), item: try required(item, "item COLUMN"),
        time: try required(time, "time COLUMN"), category: category)
      return .csv(data: try required(data, "data FILE"), columns: columns, split: try csvSplit())
    }
  }

  private func csvSplit() throws -> EvaluationSource.CSVSplit {
    if split == "last" { return .last }
    guard split.hasPrefix("temporal:"), let share = Double(split.dropFirst(9)), share > 0, share < 1 else {
      throw ValidationError(
        "--split takes temporal: and a share between 0 and 1, such as temporal:0.8, or last; found '\(split)'.")
    }
    return .temporal(share)
  }

  private func models() throws -> [EvaluationRun.Choice] {
    let known = EvaluableModels.names + ["hybrid", "best"]
    let names = model.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return try names.map { name in
      if name == "best" { return .best }
      if name == "hybrid" { return .hybrid }
      guard let model = EvaluableModels.named(name) else {
        let hint = nearestWord(to: name, among: known).map { " Did you mean '\($0)'?" } ?? ""
        throw ValidationError("There is no model '\(name)'; there are \(known.joined(separator: ", ")).\(hint)")
      }
      return .model(model)
    }
  }
}
