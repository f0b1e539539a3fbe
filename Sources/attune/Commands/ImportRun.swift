import Documents
import Foundation
import Interchange
import Primitives
import Synchronization

/// Raised when somebody wants the import to stop after the batch that is on its way.
final class Interruption: Sendable {
  private let raised = Mutex(false)
  var isRaised: Bool { raised.withLock { $0 } }
  func raise() { raised.withLock { $0 = true } }
}

/// What came of importing one file.
struct ImportOutcome: Sendable {
  var file: String
  var kind: ImportKind
  var accepted = 0
  var duplicates = 0
  var rejected = 0
  var rejectedPath: String?
  var seconds = 0.0
  var resumedAtLine: Int?
  /// The line to go on with, when the import was interrupted.
  var stoppedAtLine: Int?

  var isInterrupted: Bool { stoppedAtLine != nil }

  var lines: [String] {
    var parts = ["\(accepted.grouped) \(kind.rawValue)"]
    if duplicates > 0 { parts.append("\(duplicates.grouped) known already") }
    parts.append("\(rejected.grouped) rejected")
    let rate = seconds > 0 ? " (\(Int(Double(accepted + duplicates) / seconds).grouped)/s)" : ""
    var lines = ["\(file): \(parts.joined(separator: ", ")) in \(seconds.fixed(1)) s\(rate)"]
    if let resumedAtLine { lines[0] += ", from line \(resumedAtLine) on" }
    if rejected > 0, let rejectedPath { lines.append("  rejected lines with their reasons: \(rejectedPath)") }
    if let stoppedAtLine { lines.append("  stopped before line \(stoppedAtLine); the same command goes on from there") }
    return lines
  }

  static func json(_ outcomes: [ImportOutcome]) -> JSONValue {
    [
      "files": .array(
        outcomes.map { outcome in
          [
            "file": .string(outcome.file), "kind": .string(outcome.kind.rawValue),
            "accepted": .int(Int64(outcome.accepted)), "duplicates": .int(Int64(outcome.duplicates)),
            "rejected": .int(Int64(outcome.rejected)),
            "rejected_file": outcome.rejectedPath.map { .string($0) } ?? .null, "seconds": .double(outcome.seconds),
            "complete": .bool(!outcome.isInterrupted),
          ]
        })
    ]
  }
}

/// Imports one file, batch by batch; what is stored is noted, so that the next run goes on there.
struct ImportRun {
  private static let triesMax = 10

  let step: ImportStep
  let client: APIClient
  let target: String
  let terminal: Terminal
  let restart: Bool
  let interruption: Interruption

  func run() async throws -> ImportOutcome {
    let clock = ContinuousClock()
    let start = clock.now
    let folder = Self.workFolder(for: step.path)
    let rejectedPath = "\(folder)/\(step.file).rejected.jsonl"
    let journal = ImportJournal(path: "\(folder)/\(step.file).import-state.json", target: target)
    let fingerprint = try ImportJournal.Fingerprint(path: step.path)
    let position = restart ? nil : try journal.position(input: step.path)
    if position == nil { try? FileManager.default.removeItem(atPath: rejectedPath) }

    var outcome = ImportOutcome(file: step.file, kind: step.kind)
    outcome.resumedAtLine = position?.line
    var batches = ImportBatches(try step.reader(resumingAt: position), countMax: 1_000, bytesMax: 2_000_000)
    let size = (try? FileManager.default.attributesOfItem(atPath: step.path)[.size] as? Int) ?? 0
    while let batch = try batches.next() {
      let refused = try await send(batch, outcome: &outcome)
      let set = batch.bad + refused
      if !set.isEmpty {
        try Self.append(set, to: rejectedPath)
        outcome.rejected += set.count
        outcome.rejectedPath = rejectedPath
      }
      try journal.save(batch.end, rejected: outcome.rejected, fingerprint: fingerprint)
      outcome.seconds = (clock.now - start).inSeconds
      terminal.progress(progress(outcome, at: batch.end.offset, of: size))
      if interruption.isRaised {
        terminal.endProgress()
        outcome.stoppedAtLine = batch.end.line
        return outcome
      }
    }
    terminal.endProgress()
    journal.remove()
    outcome.seconds = (clock.now - start).inSeconds
    return outcome
  }

  /// Sends a batch; gives the lines that the server refused, with its reasons.
  private func send(_ batch: ImportBatch, outcome: inout ImportOutcome) async throws -> [RejectedLine] {
    guard let kind = batch.kind else { return [] }
    let answer: JSONValue
    switch kind {
    case .events:
      var writer = JSONWriter(reservingCapacity: batch.payloads.reduce(32) { $0 + $1.count + 1 })
      writer.object { $0.member("batch", array: { list in for event in batch.payloads { list.raw(event) } }) }
      answer = try await post("POST", "/v1/import", writer.bytes, type: "application/json")
    case .items:
      let lines = batch.payloads.flatMap { $0 + [UInt8(ascii: "\n")] }
      answer = try await post("PUT", "/v1/catalog/items", lines, type: "application/x-ndjson")
    }
    outcome.accepted += Int(answer["accepted"]?.int ?? 0)
    outcome.duplicates += Int(answer["duplicates"]?.int ?? 0)
    return (answer["rejected"]?.array ?? []).compactMap { refusal in
      // Items are counted by line from 1, events by index from 0.
      let place = refusal["index"]?.int ?? refusal["line"]?.int.map { $0 - 1 }
      guard let place, batch.payloads.indices.contains(Int(place)) else { return nil }
      return RejectedLine(
        line: batch.positions[Int(place)].line, reason: refusal["message"]?.string ?? "refused by the server",
        text: batch.lines[Int(place)])
    }
  }

  /// Sends until it is stored: a busy server is asked again, and ids keep what was stored after all from counting twice.
  private func post(_ method: String, _ path: String, _ body: [UInt8], type: String) async throws -> JSONValue {
    for attempt in 1... {
      let answer = try await client.send(method, path, body: body, type: type)
      if answer.isSuccess { return try JSONDocument(parsing: answer.body).root.value }
      guard [429, 503].contains(answer.status), attempt < Self.triesMax, !interruption.isRaised else {
        throw APIClient.failure(answer)
      }
      try await ContinuousClock().sleep(for: .seconds(answer.retryAfter ?? 1))
    }
    return .null
  }

  private func progress(_ outcome: ImportOutcome, at offset: Int, of size: Int) -> String {
    let share = size > 0 ? min(1, Double(offset) / Double(size)) : 1
    let filled = Int(share * 30)
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 30 - filled)
    let rate = outcome.seconds > 0 ? Int(Double(outcome.accepted + outcome.duplicates) / outcome.seconds) : 0
    return "\(step.file)  \(bar)  \(Int(share * 100)) %  \(outcome.accepted.grouped) \(outcome.kind.rawValue)"
      + "  \(rate.grouped)/s" + (outcome.rejected > 0 ? "  \(outcome.rejected.grouped) rejected" : "")
  }

  private static func append(_ lines: [RejectedLine], to path: String) throws {
    if !FileManager.default.fileExists(atPath: path) {
      guard FileManager.default.createFile(atPath: path, contents: nil) else {
        throw CommandFailure("\(path) cannot be written; bad lines are set aside there")
      }
    }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    defer { try? file.close() }
    try file.seekToEnd()
    try file.write(contentsOf: Data(lines.flatMap(\.jsonLine)))
  }

  /// Where the small files of an import stand: beside the input, or here when that folder is not to be written to.
  private static func workFolder(for path: String) -> String {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let mode = (try? FileManager.default.attributesOfItem(atPath: folder)[.posixPermissions] as? Int) ?? 0
    // The superuser may write anywhere, but a folder that says no means it.
    let isOpen = mode & 0o222 != 0 && FileManager.default.isWritableFile(atPath: folder)
    return isOpen ? folder : FileManager.default.currentDirectoryPath
  }
}
