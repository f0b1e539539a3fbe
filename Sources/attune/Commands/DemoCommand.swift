import ArgumentParser
import Foundation
import Governance
import Logging
import NIOCore
import NIOPosix
import Primitives
import UnixSignals
import Workspaces

struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo", abstract: "A simulated shop: people act, and the next answer knows it.",
    discussion: """
      Starts a server on a free port, fills it with a made-up shop, and lets two thousand simulated people loose on it
      through the HTTP API. 5 % of them get unpersonalised answers, so that you can see what personalisation is worth.
      After three fifths of the time a model is trained on what they did, which goes on answering if it is not worse;
      the table shows the clicks before and after. Then the server stays up until Ctrl-C.

      EXAMPLE
        attune demo
        attune demo --seconds 20 --seed 7 --exit --json
      """)

  @Option(help: "How long people shop.")
  var seconds = 45

  @Option(help: "The same seed makes the same shop and the same people.")
  var seed: UInt64 = 1

  @Option(help: "The server's port; 0 takes a free one.")
  var port = 0

  @Option(help: ArgumentHelp("Keep the data here. Default: a folder that is removed at the end.", valueName: "dir"))
  var data: String?

  @Option(help: "Questions a second.")
  var rate = 300.0

  @Flag(help: "Stop the server at the end.")
  var exit = false

  @Flag(help: "Print a summary as JSON, and nothing else.")
  var json = false

  static let itemCount = 500
  static let peopleCount = 2_000
  /// Of the time, before the training.
  private static let shareBefore = 0.6

  func validate() throws {
    guard (1...86_400).contains(seconds) else { throw ValidationError("--seconds takes 1 to 86400.") }
    guard rate > 0, rate <= 20_000 else { throw ValidationError("--rate takes a number up to 20000.") }
    guard (0...65_535).contains(port) else { throw ValidationError("A port lies between 0 and 65535.") }
  }

  func run() async throws {
    let terminal = Terminal()
    let folder = data ?? NSTemporaryDirectory() + "attune-demo-\(getpid())"
    defer { if data == nil { try? FileManager.default.removeItem(atPath: folder) } }
    let installation = try Installation(directory: folder, logger: .quiet)
    defer { installation.release() }
    var generator = SystemRandomNumberGenerator()
    let key = try installation.keys.create(
      workspace: .main, scopes: [.collect, .decide, .read, .admin], at: SystemSources.now(), using: &generator)
    let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
    let command = self
    try await LocalServer.run(
      engine: installation.engine, keys: installation.keys, port: port, logger: .quiet
    ) { address in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await command.shop(at: address, key: key.secret.text, terminal: terminal) }
        tasks.addTask { for await _ in signals { return } }
        // Whichever ends first: the show with --exit, or the person who watches.
        try await tasks.next()
        tasks.cancelAll()
      }
    }
  }

  private func shop(at address: String, key: String, terminal: Terminal) async throws {
    guard let url = URL(string: address), let host = url.host, let port = url.port else {
      throw CommandFailure("the server listens on '\(address)', which is no address")
    }
    let traffic = DemoTraffic(
      shop: Shop(seed: seed, itemCount: Self.itemCount), peopleCount: Self.peopleCount, host: host, port: port,
      key: key,
      seed: seed, now: SystemSources.now)
    if !json {
      terminal.line(terminal.styled("Attune demo", .bold) + " · seed \(seed) · \(address)")
      terminal.line(
        "A shop of \(Self.itemCount) items and \(Self.peopleCount.grouped) people. First, the week before today …")
    }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let report: DemoReport
    do {
      let history = try await traffic.prepare(historyStrolls: 8_000, on: group)
      if !json {
        terminal.line(
          "\(history.grouped) events of history are in. Now they shop, and every answer knows what just happened:\n")
      }
      report = try await watch(traffic, on: group, terminal: terminal)
    } catch let failure as DemoFailure {
      throw CommandFailure("the demo ended: \(failure)")
    }
    try? await group.shutdownGracefully()
    if json {
      var writer = JSONWriter()
      report.json(server: address, seed: seed, into: &writer)
      terminal.write(writer.bytes + [0x0A])
    } else {
      // Where nobody watches, the table has not been seen yet.
      if !terminal.isInteractive { for line in report.lines(terminal) { terminal.line(line) } }
      for line in closing(address: address, key: key, person: traffic.regular, terminal) { terminal.line(line) }
    }
    if exit { return }
    // The server stays up until somebody ends it.
    while !Task.isCancelled { try? await ContinuousClock().sleep(for: .seconds(3_600)) }
  }

  /// Lets people shop, and draws what can be seen of it four times a second.
  private func watch(
    _ traffic: DemoTraffic, on group: MultiThreadedEventLoopGroup, terminal: Terminal
  ) async throws -> DemoReport {
    let clock = ContinuousClock()
    let start = clock.now
    let duration = Double(seconds)
    let isShown = !json
    var rates = DemoTraffic.Rates()
    rates.decisions = rate
    return try await withThrowingTaskGroup(of: Bool.self) { tasks in
      tasks.addTask { [rates] in
        try await traffic.run(rates, on: group)
        return true
      }
      tasks.addTask {
        // People go on shopping while the model is trained.
        try await clock.sleep(for: .seconds(duration * Self.shareBefore))
        try await traffic.train(on: group)
        try await clock.sleep(for: .seconds(duration * (1 - Self.shareBefore)))
        traffic.close()
        return false
      }
      tasks.addTask {
        var screen = DemoScreen(terminal: terminal)
        var window = RateWindow()
        while !Task.isCancelled {
          let report = Self.report(traffic, since: start, duration: duration, window: &window)
          if isShown { screen.draw(report) }
          try await clock.sleep(for: .milliseconds(250))
        }
        return false
      }
      while let isOver = try await tasks.next(), !isOver {}
      tasks.cancelAll()
      var window = RateWindow()
      _ = window.look(at: 0, events: 0, decisions: 0)
      return Self.report(traffic, since: start, duration: duration, window: &window)
    }
  }

  private static func report(
    _ traffic: DemoTraffic, since start: ContinuousClock.Instant, duration: Double, window: inout RateWindow
  ) -> DemoReport {
    let elapsed = (ContinuousClock().now - start).inSeconds
    let scores = traffic.scores
    let rates = window.look(at: elapsed, events: scores.whole.events, decisions: scores.whole.decisions)
    return DemoReport(
      scores: scores, elapsed: elapsed, duration: duration, eventsPerSecond: rates.events,
      decisionsPerSecond: rates.decisions)
  }

  private func closing(address: String, key: String, person: Shopper, _ terminal: Terminal) -> [String] {
    var lines = [""]
    if exit { return lines }
    let who = person.isKnown ? "user" : "anonymous"
    lines.append(terminal.styled("The server is still up (Ctrl-C ends it). In another terminal:", .bold))
    lines.append("  export ATTUNE_SERVER=\(address) ATTUNE_KEY=\(key)")
    lines.append("  ./attune decide --\(who) \(person.id)      # then: ./attune explain d_…")
    lines.append("  ./attune profile --\(who) \(person.id)")
    lines.append("  ./attune cohorts")
    lines.append("  ./attune tail")
    return lines
  }
}
