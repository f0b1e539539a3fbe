import ArgumentParser
import Foundation
import Primitives
import StorageSQLite

struct RestoreCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restore", abstract: "Makes a data directory of a backup.",
    discussion: """
      Every file is checked against the backup's manifest, and the copy is opened and read whole before it gets its name.
      A directory that a server uses is refused. The first start on it folds the log.

      EXAMPLE
        attune restore --from ./backups/2026-03-01 --data ./restored
      """)

  @Option(help: ArgumentHelp("The backup.", valueName: "dir"))
  var from: String

  @Option(help: ArgumentHelp("The data directory to make.", valueName: "dir"))
  var data: String

  @Flag(help: "Move a directory that is there aside, to a name that ends in .replaced-… .")
  var replace = false

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let directory = URL(fileURLWithPath: data).standardizedFileURL.path
    let aside = replace ? "\(directory).replaced-\(SystemSources.now().microseconds / 1_000_000)" : nil
    let manifest: BackupManifest
    do throws(BackupFailure) {
      let restore = try DataRestore(from: URL(fileURLWithPath: from).standardizedFileURL.path)
      try restore.write(
        to: directory, movingAside: aside, processID: getpid(), progress: { terminal.progress($0) })
      manifest = restore.manifest
    } catch {
      terminal.endProgress()
      throw CommandFailure("\(error)")
    }
    terminal.endProgress()
    if json {
      var writer = JSONWriter()
      manifest.write(into: &writer)
      return terminal.line(String(decoding: writer.bytes, as: UTF8.self))
    }
    for log in manifest.logs { terminal.line("\(log.workspace): \(Int(log.end.rawValue).grouped) entries") }
    terminal.line("\(directory) is as of \(manifest.begunAt)")
  }
}
