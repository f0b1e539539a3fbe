import Engine
import Foundation
import Governance
import HTTPAPI
import Logging
import Primitives
import ServiceLifecycle
import StorageMemory
import StorageSQLite
import Workspaces

/// A data directory in the hands of this process: its documents, its keys and the engine on its logs.
///
///     DIR/attune.lock   held while a process uses the directory
///     DIR/attune.db     keys and other documents
///     DIR/workspaces/W  the log and the state of workspace W
struct Installation: Sendable {
  let engine: Engine
  let keys: KeyRing
  private let documents: SQLiteDocumentStore
  private let lock: DataDirectoryLock

  /// - Parameter profilesInMemory: Of each workspace at most; as many as the engine keeps by itself when nil.
  /// - Throws: `CommandFailure` in the words of what is in the way: another process, a damaged file.
  init(directory path: String, profilesInMemory: Int? = nil, logger: Logger) throws {
    // Absolute, so that messages say where it is.
    let directory = URL(fileURLWithPath: path).standardizedFileURL.path
    do {
      lock = try DataDirectoryLock(directory: directory)
      Self.warnOfLostKeys(in: directory, logger: logger)
      documents = try SQLiteDocumentStore(directory: directory)
      keys = try KeyRing(store: documents)
    } catch {
      throw CommandFailure("\(error)")
    }
    var configuration = EngineConfiguration(seed: SystemSources.random)
    if let profilesInMemory {
      configuration.profilesInMemoryMax = profilesInMemory
      configuration.identifiersInMemoryMax = 3 * profilesInMemory
    }
    engine = Engine(
      configuration: configuration, logger: logger, now: SystemSources.now,
      openStore: { workspace in
        let store = try SQLitePartitionStore(folder: "\(directory)/workspaces/\(workspace)")
        for repair in store.repairs {
          logger.warning("a file was mended", metadata: ["workspace": "\(workspace)", "repair": "\(repair)"])
        }
        return store
      })
  }

  /// Data without documents: the file with the keys went missing, or was emptied.
  private static func warnOfLostKeys(in directory: String, logger: Logger) {
    let workspaces = (try? FileManager.default.contentsOfDirectory(atPath: "\(directory)/workspaces")) ?? []
    let documents = "\(directory)/attune.db"
    let size = (try? FileManager.default.attributesOfItem(atPath: documents)[.size] as? Int) ?? 0
    guard !workspaces.isEmpty, size == 0 else { return }
    logger.warning(
      """
      \(documents) is missing or empty, though there is data: every key that was created is gone. Stop, and restore the \
      file from a backup, or create keys anew
      """,
      metadata: ["workspaces": "\(workspaces.sorted().joined(separator: ", "))"])
  }

  /// Lets others use the directory. The engine is closed before.
  func release() {
    documents.close()
    lock.release()
  }

  /// Runs `body` against a server on a free port of this machine that only this process has a key to, so that a command reads
  /// a directory exactly as it would ask a server.
  func withClient<Value: Sendable>(
    workspace: WorkspaceID, logger: Logger, _ body: @escaping @Sendable (APIClient) async throws -> Value
  ) async throws -> Value {
    guard workspace == .main || keys.workspaces.contains(workspace) else {
      let known = Set(keys.workspaces + [.main]).sorted().map(\.description).joined(separator: ", ")
      throw CommandFailure(
        "there is no workspace '\(workspace)' (there are: \(known)); 'attune keys create --workspace \(workspace)' begins one"
      )
    }
    var generator = SystemRandomNumberGenerator()
    let passing = try KeyRing(store: MemoryDocumentStore())
    let key = try passing.create(
      workspace: workspace, scopes: [.collect, .decide, .read, .admin], at: SystemSources.now(), using: &generator)
    return try await LocalServer.run(engine: engine, keys: passing, logger: logger) { address in
      try await body(APIClient(server: address, key: key.secret.text))
    }
  }
}

/// The process's clock and its randomness; handed down from here, never reached for.
enum SystemSources {
  static let now: @Sendable () -> Timestamp = {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  static let random: @Sendable () -> UInt64 = { UInt64.random(in: 0...UInt64.max) }
}
