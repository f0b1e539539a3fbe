import Engine
import Foundation
import Primitives
import Synchronization

/// A `StateDatabase` that is thrown away and begun anew when it cannot be used.
///
/// Damage found while running leaves a mark beside the file, so that the next opening throws it away.
final class StateStore: Sendable {
  /// What was thrown away on opening, and why.
  let repair: String?

  private let path: String
  private let logID: Int64
  private let current: Mutex<StateDatabase>

  /// - Parameters:
  ///   - logID: The log whose state this is.
  ///   - end: Where that log ends.
  init(path: String, logID: Int64, end: LogPosition) throws(DatabaseFault) {
    self.path = path
    self.logID = logID
    let opened = try Self.openUsable(path: path, logID: logID, end: end)
    switch opened {
    case .success(let database):
      current = Mutex(database)
      repair = nil
    case .failure(let unusable):
      current = Mutex(try Self.begin(path: path, logID: logID))
      repair = "\(path) was thrown away and will be folded again from the log: \(unusable.reason)"
    }
  }

  private struct Unusable: Error {
    let reason: String
  }

  private static func openUsable(
    path: String, logID: Int64, end: LogPosition
  ) throws(DatabaseFault) -> Result<StateDatabase, Unusable> {
    if FileManager.default.fileExists(atPath: mark(path)) {
      return .failure(Unusable(reason: "damage was found in it"))
    }
    do {
      let database = try StateDatabase(path: path, logID: logID)
      guard let checkpoint = try database.checkpoint() else { return .success(database) }
      if checkpoint.logID == logID && checkpoint.position <= end { return .success(database) }
      database.close()
      return .failure(
        Unusable(
          reason: checkpoint.logID == logID
            ? "it is at entry \(checkpoint.position.rawValue), but the log ends at \(end.rawValue)"
            : "it is the state of another log"))
    } catch .corrupt(let message), .otherFormat(let message) {
      return .failure(Unusable(reason: message))
    }
  }

  private static func mark(_ path: String) -> String { path + "-damaged" }

  private static func begin(path: String, logID: Int64) throws(DatabaseFault) -> StateDatabase {
    try DatabaseFile(path: path, remedy: "").remove()
    let database = try StateDatabase(path: path, logID: logID)
    unlink(mark(path))
    return database
  }

  // MARK: - Use

  func checkpointPosition() throws(DatabaseFault) -> LogPosition {
    try using { database throws(DatabaseFault) in try database.checkpoint()?.position ?? .start }
  }

  func save(_ checkpoint: Checkpoint) throws(DatabaseFault) {
    try using { database throws(DatabaseFault) in try database.save(checkpoint) }
  }

  func value(section: UInt8, key: [UInt8]) throws(DatabaseFault) -> [UInt8]? {
    try using { database throws(DatabaseFault) in try database.value(section: section, key: key) }
  }

  func forEach(section: UInt8, _ body: (_ key: [UInt8], _ value: [UInt8]) throws -> Void) throws {
    try using { database throws in try database.forEach(section: section, body) }
  }

  func records(section: UInt8, after key: [UInt8]?, limit: Int) throws(DatabaseFault) -> [StateRecord] {
    try using { database throws(DatabaseFault) in try database.records(section: section, after: key, limit: limit) }
  }

  func purge() throws(DatabaseFault) {
    try using { database throws(DatabaseFault) in try database.purge() }
  }

  /// Throws everything away.
  func discard() throws(DatabaseFault) {
    try current.withLock { database throws(DatabaseFault) in
      database.close()
      database = try Self.begin(path: path, logID: logID)
    }
  }

  func close() { current.withLock { $0.close() } }

  /// Runs `body`, not holding the lock: a checkpoint and a read may run at once.
  private func using<Value, Failure: Error>(_ body: (StateDatabase) throws(Failure) -> Value) throws(Failure) -> Value {
    let database = current.withLock { $0 }
    do {
      return try body(database)
    } catch {
      if case .corrupt = error as? DatabaseFault {
        _ = FileManager.default.createFile(atPath: Self.mark(path), contents: nil)
      }
      throw error
    }
  }
}
