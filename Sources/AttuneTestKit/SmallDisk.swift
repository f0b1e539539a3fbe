import Foundation

/// A folder that has little room, until it is given more.
public final class SmallDisk: Sendable {
  public enum Kind: String, CaseIterable, Sendable {
    /// A file system in memory; needs the right to mount.
    case fileSystem
    /// Files of a process may not grow beyond a size; anybody may say so of their own.
    case fileSize
  }

  public struct Refused: Error {}

  /// Whether this process may mount a file system.
  public static let isMountable: Bool = {
    guard geteuid() == 0 else { return false }
    return (try? SmallDisk(.fileSystem, kilobytes: 64)) != nil
  }()

  /// The kinds that this machine allows.
  public static let available = Kind.allCases.filter { $0 == .fileSize || isMountable }

  public let kind: Kind
  /// A program and its arguments by which whoever is to have little room is started; empty when the folder itself has little.
  public let launcher: [String]
  private let folder: TemporaryFolder

  /// - Throws: `Refused` when the file system cannot be mounted.
  public init(_ kind: Kind, kilobytes: Int) throws {
    self.kind = kind
    let folder = try TemporaryFolder()
    self.folder = folder
    switch kind {
    case .fileSystem:
      launcher = []
      try Self.run("mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path)
    case .fileSize:
      // In blocks of 512 bytes, as POSIX has it.
      launcher = ["/bin/sh", "-c", "ulimit -S -f \(kilobytes * 2); exec \"$0\" \"$@\""]
    }
  }

  public var path: String { folder.path }

  /// Gives a file system this much room, and a process, when it is files that may not grow, all that it may ever want.
  public func grow(toKilobytes kilobytes: Int, process: Int32? = nil) throws {
    switch kind {
    case .fileSystem: try Self.run("mount", "-o", "remount,size=\(kilobytes)k", folder.path)
    case .fileSize:
      guard let process else { return }
      try Self.run("prlimit", "--pid", "\(process)", "--fsize=unlimited:unlimited")
    }
  }

  /// Takes a file system away, whoever still uses it. Called at the end of a test, it also keeps the disk until then.
  public func unmount() { if kind == .fileSystem { try? Self.run("umount", "-l", folder.path) } }

  deinit { unmount() }

  private static func run(_ command: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = command
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Refused() }
  }
}
