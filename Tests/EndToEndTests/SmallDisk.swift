import Foundation

/// A data directory that has little room, until it is given more.
final class SmallDisk: Sendable {
  enum Kind: String, CaseIterable {
    /// A file system in memory; needs the right to mount.
    case fileSystem
    /// Files of the process may not grow beyond a size; anybody may say so of their own.
    case fileSize
  }

  struct Refused: Error {}

  /// The kinds that this machine allows.
  static let available = Kind.allCases.filter { $0 == .fileSize || isMountable }

  private static let isMountable: Bool = {
    guard geteuid() == 0, let folder = try? ScratchFolder() else { return false }
    defer { _ = try? run("umount", "-l", folder.path) }
    return (try? run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path)) != nil
  }()

  let kind: Kind
  private let folder: ScratchFolder

  init(_ kind: Kind, kilobytes: Int) throws {
    self.kind = kind
    folder = try ScratchFolder()
    switch kind {
    case .fileSystem:
      launcher = []
      try Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path)
    case .fileSize:
      // In blocks of 512 bytes, as POSIX has it.
      launcher = ["/bin/sh", "-c", "ulimit -S -f \(kilobytes * 2); exec \"$0\" \"$@\""]
    }
  }

  var path: String { folder.path + "/data" }

  /// What a server on this disk is to be started by.
  let launcher: [String]

  /// Gives a running server, or those started without `launcher` from now on, as much room as they may ever want.
  func makeRoom(for server: RunningServer?) throws {
    switch kind {
    case .fileSystem: try Self.run("mount", "-o", "remount,size=64m", folder.path)
    case .fileSize:
      guard let server else { return }
      try Self.run("prlimit", "--pid", "\(server.processID)", "--fsize=unlimited:unlimited")
    }
  }

  deinit { if kind == .fileSystem { try? Self.run("umount", "-l", folder.path) } }

  private static func run(_ command: String...) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Refused() }
  }
}
