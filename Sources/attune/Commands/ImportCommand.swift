import ArgumentParser
import Documents
import Interchange
import Primitives
import UnixSignals

struct ImportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Imports history and catalogues from files.",
    discussion: """
      Takes events as JSON Lines (Segment or flat form), tables of events (.csv, .tsv) with a mapping of their columns,
      catalogues (--items), and the folders of MovieLens 100K and 1M. An event is imported once, however often its file is.
      After Ctrl-C the same command goes on where it stopped. Bad lines are set aside with their number and reason.
      Events count as known since the receipt that they state (receivedAt, received_at: exports have it), else since they
      happened; sent to a server with a key that is no admin key, since now.

      Columns for --map: user, session (the anonymous person of rows without a user), item, event, value, time, date (the
      day that time counts from), query.

      EXAMPLE
        attune import events.jsonl --data ./data
        attune import items.csv --items --data ./data
        attune import views.csv --map user=user_id,session=session_id,item=item_id,time=timeframe,date=eventdate \\
          --time-unit ms --event view --server http://127.0.0.1:8080 --key atn_…
        attune import ml-100k --data ./data
        attune import log.jsonl --log --data ./elsewhere
      """)

  @Argument(help: ArgumentHelp("A file, or a MovieLens folder.", valueName: "path"))
  var path: String

  @Flag(help: "The file holds catalogue items, not events.")
  var items = false

  @Flag(help: "The file is a whole log (attune export log); --data has no log of that workspace yet.")
  var log = false

  @Option(help: ArgumentHelp("Which column is what: role=column,…", valueName: "mapping"))
  var map: String?

  @Option(help: "The event of rows that name none.")
  var event = "view"

  @Option(help: "How times are written: s, ms, iso, or auto.")
  var timeUnit = TimeUnit.auto

  @Option(help: ArgumentHelp("The day that times count from, such as 2016-05-09.", valueName: "date"))
  var baseDate: String?

  @Option(help: "What stands between columns. Default: what the first line has most of.")
  var separator: String?

  @Flag(help: "The first line is no header; columns are numbered from 1.")
  var noHeader = false

  @Option(help: "What bytes above 127 mean: utf8, latin1, utf8OrLatin1.")
  var encoding = TextEncoding.utf8OrLatin1

  @Flag(help: "Begin again, also when an earlier import stopped half-way.")
  var restart = false

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print a summary as JSON.")
  var json = false

  func validate() throws {
    if let baseDate, Timestamp(iso8601: baseDate) == nil {
      throw ValidationError("--base-date takes a day such as 2016-05-09.")
    }
    if let separator, separator.isEmpty || !separator.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x22 && $0 != 0x0A }) {
      throw ValidationError("--separator takes ASCII characters other than quotes and line ends.")
    }
  }

  func run() async throws {
    if log { return try importLog() }
    var options = ImportOptions()
    options.kind = items ? .items : .events
    options.mapping = map
    options.defaultEvent = event
    options.time = TimeReading(unit: timeUnit, base: baseDate.flatMap(Timestamp.init(iso8601:)))
    options.separator = separator
    options.hasHeader = !noHeader
    options.encoding = encoding
    let plan: ImportPlan
    do {
      plan = try ImportPlan(path: path, options: options)
    } catch {
      throw CommandFailure("\(error)")
    }
    let targetName = try target.target().name
    let terminal = Terminal()
    let restart = restart
    let outcomes = try await target.withClient(beginsDirectory: true) { client in
      try await Self.interruptible { interruption in
        var outcomes: [ImportOutcome] = []
        for step in plan.steps {
          let run = ImportRun(
            step: step, client: client, target: targetName, terminal: terminal, restart: restart,
            interruption: interruption)
          let outcome = try await run.run()
          outcomes.append(outcome)
          if outcome.isInterrupted { break }
        }
        return outcomes
      }
    }
    for outcome in outcomes where !json { for line in outcome.lines { terminal.line(line) } }
    if json { terminal.line(ImportOutcome.json(outcomes).text) }
    if outcomes.contains(where: \.isInterrupted) { throw ExitCode(1) }
  }

  private func importLog() throws {
    guard case .directory(let directory, let workspace) = try target.target() else {
      throw ValidationError("A whole log goes into a data directory: say --data.")
    }
    let terminal = Terminal()
    let count = try LogImport(path: path, directory: directory, workspace: workspace, terminal: terminal).run()
    terminal.line(json ? #"{"entries":\#(count)}"# : "\(Int(clamping: count).grouped) entries")
  }

  /// Runs `body` with a flag that Ctrl-C raises.
  private static func interruptible<Value: Sendable>(
    _ body: @escaping @Sendable (Interruption) async throws -> Value
  ) async throws -> Value {
    let interruption = Interruption()
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    return try await withThrowingTaskGroup(of: Value?.self) { tasks in
      tasks.addTask {
        for await _ in signals { interruption.raise() }
        return nil
      }
      tasks.addTask { try await body(interruption) }
      while let value = try await tasks.next() {
        guard let value else { continue }
        tasks.cancelAll()
        return value
      }
      throw CommandFailure("the import ended without a word")
    }
  }
}
