import ArgumentParser
import Documents
import Engine
import Foundation
import HTTPAPI
import Logging
import ServiceLifecycle
import UnixSignals
import Workspaces

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Runs the server on a data directory.",
    discussion: """
      The first start creates an admin key and prints it once. ATTUNE_ADMIN_KEY sets it instead.
      Stops on Ctrl-C or SIGTERM, after finishing what is running.

      EXAMPLE
        attune serve --data ./data --port 8080 --definitions ./definitions
      """)

  @Option(help: ArgumentHelp("Where everything is kept; made when it is missing.", valueName: "dir"))
  var data: String

  @Option(help: "The port; 0 takes a free one.")
  var port = 8080

  @Option(help: "The address to listen on. Other machines reach only what is not loopback.")
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("Definition files that come into force in workspace main.", valueName: "dir"))
  var definitions: String?

  @Option(help: "How much to log: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
  var logLevel = Logger.Level.info

  @Option(help: "Threads that serve connections. Default: one for each core.")
  var threads: Int?

  @Option(
    help: ArgumentHelp(
      "The most memory that a training may take, whatever a workspace asks for. Default: 4GB.", valueName: "size"))
  var trainingMemory: MemorySize?

  @Option(
    help: ArgumentHelp(
      "Profiles of a workspace kept in memory, about 1.5 KB each; more are read when they are needed. Default: 1000000.",
      valueName: "count"))
  var profilesInMemory: Int?

  func validate() throws {
    guard profilesInMemory.map({ $0 >= 1_000 }) ?? true else {
      throw ValidationError("--profiles-in-memory takes at least 1000.")
    }
    guard (0...65_535).contains(port) else { throw ValidationError("A port lies between 0 and 65535.") }
    guard threads.map({ (1...256).contains($0) }) ?? true else { throw ValidationError("Threads: 1 to 256.") }
  }

  func run() async throws {
    let terminal = Terminal()
    var logger = Logger(label: "attune") { JSONLogHandler(label: $0) }
    logger.logLevel = logLevel
    // Errors in the files are told before anything is started.
    let files = try definitions.map { try DefinitionFolder.read($0) }
    // A file that may not grow is a full disk, and no reason to die.
    signal(SIGXFSZ, SIG_IGN)
    let installation = try Installation(directory: data, profilesInMemory: profilesInMemory, logger: logger)
    try prepareAdminKey(of: installation, terminal: terminal)
    if let files { try await activate(files, in: installation.engine, terminal: terminal) }

    let cores = ProcessInfo.processInfo.activeProcessorCount
    var configuration = HTTPServerConfiguration(host: host, port: port, threads: threads ?? max(1, cores))
    configuration.trainingPeriod = .seconds(30)
    if let trainingMemory { configuration.trainingMemoryMax = trainingMemory.bytes }
    let server = HTTPServer(
      engine: installation.engine, keys: installation.keys,
      configuration: configuration, logger: logger,
      now: SystemSources.now, random: SystemSources.random,
      onReady: { terminal.line("listening on \($0.url)") })
    let group = ServiceGroup(
      services: [server], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
    do {
      try await group.run()
    } catch {
      throw CommandFailure("the server ended: \(error)")
    }
    installation.release()
    // A training may be in the middle of a fit, on a thread that would meet libraries which are being taken down.
    fflush(nil)
    _exit(EXIT_SUCCESS)
  }

  private func prepareAdminKey(of installation: Installation, terminal: Terminal) throws {
    var generator = SystemRandomNumberGenerator()
    let chosen = ProcessInfo.processInfo.environment["ATTUNE_ADMIN_KEY"]
    do {
      guard
        let issued = try installation.keys.prepareAdminKey(
          chosen: chosen, at: SystemSources.now(), using: &generator)
      else { return }
      let words = ["The admin key of workspace main, shown only now:", issued.secret.text]
      let width = words.map(\.count).max() ?? 0
      let line = String(repeating: "─", count: width + 4)
      let rows = words.map { "│  \($0.paddedRight(to: width))  │" }
      terminal.note((["┌\(line)┐"] + rows + ["└\(line)┘"]).joined(separator: "\n"))
    } catch KeyRingError.unusableAdminKey {
      throw CommandFailure("ATTUNE_ADMIN_KEY must be 1 to 256 visible ASCII characters without a colon")
    } catch {
      throw CommandFailure("the keys cannot be prepared: \(error)")
    }
  }

  /// Files that are in force already make no new version.
  private func activate(_ files: [DefinitionFile], in engine: Engine, terminal: Terminal) async throws {
    do {
      let partition = try await engine.partition(of: .main)
      let current = try await partition.definitions()
      guard Set(current.files) != Set(files) else { return }
      let version = try await partition.activate(files)
      terminal.note("definitions version \(version) in force")
    } catch let EngineError.invalidDefinitions(errors) {
      throw CommandFailure(errors.map(\.description).joined(separator: "\n"))
    } catch {
      throw CommandFailure("the definitions cannot come into force: \(error)")
    }
  }
}
