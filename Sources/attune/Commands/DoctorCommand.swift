import ArgumentParser
import Engine
import Foundation
import Governance
import Logging
import Primitives
import StorageSQLite
import Workspaces

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Examines a data directory: files, log, room on the disk, clock.",
    discussion: """
      Reads every entry of every log with its checksum. --deep also folds each log and compares the saved state with it.
      Changes nothing but what every start would: a state file that cannot be used is thrown away. The exit code is 1 when something is wrong. No server may hold the directory.

      EXAMPLE
        attune doctor --data ./data --deep
      """)

  @Option(help: ArgumentHelp("The data directory.", valueName: "dir"))
  var data: String

  @Flag(help: "Fold the logs and compare the saved state with them.")
  var deep = false

  @Flag(help: "Print JSON.")
  var json = false

  private struct Finding {
    let workspace: String
    let audit: PartitionAudit?
    let faults: [String]
  }

  func run() async throws {
    let terminal = Terminal()
    let directory = URL(fileURLWithPath: data).standardizedFileURL.path
    guard FileManager.default.fileExists(atPath: directory + "/attune.db") else {
      throw CommandFailure("\(directory) holds no data of Attune (there is no attune.db)")
    }
    let installation = try Installation(
      directory: data, logger: Logger(label: "attune") { _ in SwiftLogNoOpLogHandler() })
    defer { installation.release() }
    var findings: [Finding] = []
    for name in Self.workspaces(in: directory) { findings.append(examine(name, in: directory, terminal: terminal)) }
    let general = Self.generalFaults(directory, findings: findings.compactMap(\.audit))
    terminal.line(json ? Self.json(findings, general) : Self.text(findings, general, terminal: terminal))
    if !general.isEmpty || findings.contains(where: { !$0.faults.isEmpty }) { throw ExitCode(1) }
  }

  private static func workspaces(in directory: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: directory + "/workspaces")) ?? []).sorted()
  }

  private func examine(_ name: String, in directory: String, terminal: Terminal) -> Finding {
    do {
      let store = try SQLitePartitionStore(folder: "\(directory)/workspaces/\(name)")
      defer { store.close() }
      let audit = try PartitionAudit(
        of: store, configuration: EngineConfiguration(seed: { 0 }), comparesState: deep,
        progress: { terminal.progress("\(name): entry \($0.rawValue)") })
      terminal.endProgress()
      return Finding(workspace: name, audit: audit, faults: store.repairs + audit.faults)
    } catch {
      return Finding(workspace: name, audit: nil, faults: ["\(error)"])
    }
  }

  private static func generalFaults(_ directory: String, findings: [PartitionAudit]) -> [String] {
    var faults: [String] = []
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: directory)
    if let free = (attributes?[.systemFreeSize] as? NSNumber)?.int64Value, free < 1 << 30 {
      faults.append("\(free >> 20) MB are free on the disk; writing stops when there is none")
    }
    if let newest = findings.compactMap(\.newestAt).max(), newest > SystemSources.now() + .seconds(60) {
      faults.append(
        "the newest entry is of \(newest), which has not come yet: this clock is slow, or that one was fast")
    }
    return faults
  }

  private static func text(_ findings: [Finding], _ general: [String], terminal: Terminal) -> String {
    var lines: [String] = []
    for finding in findings {
      lines.append(terminal.styled(finding.workspace, .bold))
      if let audit = finding.audit {
        let counts = audit.entryCounts.sorted { $0.key.rawValue < $1.key.rawValue }
          .map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        lines.append("  log of \(audit.end.rawValue) entries: \(counts)")
        lines.append("  state saved up to entry \(audit.checkpoint.rawValue)")
        if let compared = audit.comparedRecords { lines.append("  \(compared) records compared with the log") }
      }
      lines += finding.faults.map { "  " + terminal.styled("✗ \($0)", .red) }
      if finding.faults.isEmpty { lines.append("  " + terminal.styled("✓ nothing is wrong", .green)) }
    }
    return (lines + general.map { terminal.styled("✗ \($0)", .red) }).joined(separator: "\n")
  }

  private static func json(_ findings: [Finding], _ general: [String]) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member(
        "workspaces",
        array: { list in
          for finding in findings {
            list.object { writer in
              writer.member("workspace", finding.workspace)
              writer.member("entries", Int64(clamping: finding.audit?.end.rawValue ?? 0))
              writer.member("checkpoint", Int64(clamping: finding.audit?.checkpoint.rawValue ?? 0))
              writer.key("compared_records")
              if let compared = finding.audit?.comparedRecords { writer.int(Int64(compared)) } else { writer.null() }
              writer.member("faults", array: { list in for fault in finding.faults { list.string(fault) } })
            }
          }
        })
      writer.member("faults", array: { list in for fault in general { list.string(fault) } })
    }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}
