import ArgumentParser
import Foundation
import Logging
import Primitives
import Workspaces

/// Whom a command asks: a data directory that no server uses, or a server.
struct TargetOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Use this data directory; no server may be running on it.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("Ask this server. Default: ATTUNE_SERVER.", valueName: "url"))
  var server: String?

  @Option(help: ArgumentHelp("A key of the server's workspace. Default: ATTUNE_KEY.", valueName: "key"))
  var key: String?

  @Option(help: ArgumentHelp("With --data: the workspace. With --server the key decides it.", valueName: "name"))
  var workspace: String?

  func validate() throws {
    if data != nil, server != nil { throw ValidationError("Say either --data or --server, not both.") }
    if workspace.map({ WorkspaceID($0) == nil }) == true {
      throw ValidationError(
        "A workspace's name has lower-case letters, digits, - and _, and starts with one of the first two.")
    }
  }

  enum Target: Sendable {
    case directory(String, WorkspaceID)
    case server(String, key: String?)

    /// One text for each place where data can be, such as an import's.
    var name: String {
      switch self {
      case .directory(let path, let workspace): "\(URL(fileURLWithPath: path).standardizedFileURL.path) \(workspace)"
      case .server(let url, _): url
      }
    }
  }

  /// - Parameter environment: `ATTUNE_SERVER` and `ATTUNE_KEY` stand in for what is not said.
  func target(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> Target {
    if let data { return .directory(data, workspace.flatMap(WorkspaceID.init) ?? .main) }
    guard let server = server ?? environment["ATTUNE_SERVER"] else {
      throw ValidationError(
        "Whom to ask? Say --data DIR, or --server URL --key K (or set ATTUNE_SERVER and ATTUNE_KEY).")
    }
    return .server(server, key: key ?? environment["ATTUNE_KEY"])
  }

  /// Gives `body` a client of whatever was asked for.
  /// - Parameter beginsDirectory: Whether a data directory that is missing is made.
  func withClient<Value: Sendable>(
    beginsDirectory: Bool = false, _ body: @escaping @Sendable (APIClient) async throws -> Value
  ) async throws -> Value {
    switch try target() {
    case .server(let url, let key):
      let client = try APIClient(server: url, key: key)
      if let workspace { try await client.requireWorkspace(workspace) }
      return try await body(client)
    case .directory(let path, let workspace):
      guard beginsDirectory || FileManager.default.fileExists(atPath: path) else {
        throw CommandFailure("there is no data directory at \(path); 'attune serve --data \(path)' begins one")
      }
      if !FileManager.default.fileExists(atPath: "\(path)/attune.db") {
        Terminal().note("no data directory was at \(path); it begins now")
      }
      let logger = Logger.quiet
      let installation = try Installation(directory: path, logger: logger)
      defer { installation.release() }
      return try await installation.withClient(workspace: workspace, logger: .silent, body)
    }
  }
}

extension Logger {
  /// For a server that only this command knows of.
  static var silent: Logger {
    var logger = quiet
    logger.logLevel = .critical
    return logger
  }

  /// Warnings and worse to standard error: for commands whose own words are what counts.
  static var quiet: Logger {
    var logger = Logger(label: "attune") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .warning
    return logger
  }
}
