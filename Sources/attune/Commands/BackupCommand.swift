import ArgumentParser
import Foundation
import Primitives
import StorageSQLite

struct BackupCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Copies a data directory, also while a server works on it.",
    discussion: """
      Everything that was acknowledged before the backup began is in it. The folder gets its name once it is whole: what an
      interrupted backup leaves ends in .part-… and is no backup. Backups hold personal data and the hashes of keys.

      EXAMPLE
        attune backup --data ./data --to ./backups/2026-03-01
      """)

  @Option(help: ArgumentHelp("The data directory.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The folder to make.", valueName: "dir"))
  var to: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let target = URL(fileURLWithPath: to).standardizedFileURL.path
    let manifest: BackupManifest
    do throws(BackupFailure) {
      let backup = try DataBackup(
        of: URL(fileURLWithPath: data).standardizedFileURL.path, to: target, processID: getpid())
      manifest = try backup.write(at: SystemSources.now(), progress: { terminal.progress($0) })
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
    terminal.line("\(manifest.files.count) files of \(manifest.bytes.grouped) bytes in \(target)")
  }
}
