import Engine
public import Primitives

/// What a backup holds: `manifest.json` beside its files. A folder without one is no backup.
public struct BackupManifest: Sendable, Equatable {
  public struct Log: Sendable, Equatable {
    public let workspace: WorkspaceID
    /// A number that no other log has.
    public let id: Int64
    public let end: LogPosition
  }

  public struct File: Sendable, Equatable {
    /// Within the backup, with `/` between names.
    public let path: String
    public let bytes: Int
    /// SHA-256 in hexadecimal digits.
    public let digest: String
  }

  static let name = "manifest.json"
  static let format = 1

  /// When the copying began: everything acknowledged before is in it.
  public let begunAt: Timestamp
  public let logs: [Log]
  public let files: [File]

  public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

  /// Writes an object.
  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("format", Self.format)
      writer.member("begun_at", begunAt)
      writer.member(
        "workspaces",
        array: { list in
          for log in logs {
            list.object {
              $0.member("workspace", log.workspace.description)
              $0.member("log_id", log.id)
              $0.member("entries", Int64(clamping: log.end.rawValue))
            }
          }
        })
      writer.member(
        "files",
        array: { list in
          for file in files {
            list.object {
              $0.member("path", file.path)
              $0.member("bytes", file.bytes)
              $0.member("sha256", file.digest)
            }
          }
        })
    }
  }

  init(begunAt: Timestamp, logs: [Log], files: [File]) {
    self.begunAt = begunAt
    self.logs = logs
    self.files = files
  }

  /// - Throws: `.damaged` when the text is not what `write(into:)` makes.
  init(parsing text: [UInt8], path: String) throws(BackupFailure) {
    let root: JSONView
    do throws(JSONError) { root = try JSONDocument(parsing: text).root } catch {
      throw .damaged("\(path) is no JSON: \(error)")
    }
    let format = root["format" as StaticString]?.int.map { Int($0) }
    guard format == Self.format else {
      throw .damaged(
        "\(path) says format \(format.map { "\($0)" } ?? "of no number"), this program knows format \(Self.format)")
    }
    func list<Element>(_ key: StaticString, _ read: (JSONView) -> Element?) throws(BackupFailure) -> [Element] {
      var found: [Element] = []
      for (index, view) in (root[key]?.elements ?? root.elements).enumerated() {
        guard let element = read(view) else { throw .damaged("\(path): \(key)[\(index)] cannot be read") }
        found.append(element)
      }
      return found
    }
    guard let begunAt = root["begun_at" as StaticString]?.string.flatMap({ Timestamp(iso8601: $0) }) else {
      throw .damaged("\(path): 'begun_at' is no moment")
    }
    self.begunAt = begunAt
    logs = try list("workspaces") { view in
      guard let workspace = view["workspace" as StaticString]?.string.flatMap({ WorkspaceID($0) }),
        let id = view["log_id" as StaticString]?.int, let end = view["entries" as StaticString]?.int, end >= 0
      else { return nil }
      return Log(workspace: workspace, id: id, end: LogPosition(UInt64(end)))
    }
    files = try list("files") { view in
      guard let path = view["path" as StaticString]?.string, Self.isAllowed(path),
        let bytes = view["bytes" as StaticString]?.int, bytes >= 0,
        let digest = view["sha256" as StaticString]?.string
      else { return nil }
      return File(path: path, bytes: Int(bytes), digest: digest)
    }
    let paths = Set(files.map(\.path))
    for log in logs where !paths.contains("workspaces/\(log.workspace)/log.db") {
      throw .damaged("\(path) lists no log of workspace \(log.workspace)")
    }
    guard paths.contains("attune.db") else { throw .damaged("\(path) lists no attune.db") }
  }

  /// Whether a path is one that backups have, and leads nowhere else.
  private static func isAllowed(_ path: String) -> Bool {
    if path == "attune.db" { return true }
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    guard names.count >= 3, names[0] == "workspaces", WorkspaceID(String(names[1])) != nil else { return false }
    if names.count == 3 { return names[2] == "log.db" || names[2] == "log.db-end" }
    return names.count == 4 && ModelFamily(rawValue: String(names[2])) != nil && !names[3].hasPrefix(".")
      && !names[3].isEmpty
  }
}

/// Why a backup could not be made, or not be restored.
public enum BackupFailure: Error, Equatable, CustomStringConvertible {
  /// The backup is not whole, or not what it was: which file, and what is wrong with it.
  case damaged(String)
  /// What is to be read or written is in use, is there already, or is no data directory.
  case refused(String)
  case failed(String)

  public var description: String {
    switch self {
    case .damaged(let message), .refused(let message), .failed(let message): message
    }
  }
}
