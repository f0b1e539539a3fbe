import Foundation
import Primitives

/// Asks a server for a table and writes it.
struct TableRun: Sendable {
  /// Bytes of moments in one call; the server folds its log once for each call.
  private static let callBytes = 12 << 20
  /// Refused lines that are told one by one.
  private static let toldMax = 20
  private static let eventColumns = ["at", "event", "message_id", "identifier", "item_ids", "value", "profile_id"]
  private static let decisionColumns = [
    "at", "decision_id", "placement", "identifier", "holdout", "item_id", "rank", "score", "propensity", "outcomes",
    "final", "profile_id",
  ]

  let features: [String]?
  let format: TableOutput.Format
  let path: String?
  let terminal: Terminal

  /// Writes a row for each event or shown item.
  /// - Parameter question: The call's body without `features`.
  func write(_ question: JSONObject, from client: APIClient) async throws {
    let own = question["event"] == nil ? Self.decisionColumns : Self.eventColumns
    var output: TableOutput?
    defer { output?.discard() }
    var names: [String] = []
    var rows = 0
    terminal.progress("reading the log …")
    for try await line in try lines(of: body(question), from: client) where !line.isEmpty {
      let object = try JSONValue(parsing: line)
      guard output != nil else {
        names = Self.names(of: object)
        output = try TableOutput(format: format, columns: own + names, path: path, terminal: terminal)
        continue
      }
      try output?.add(own.map { object[$0] } + names.map { object["features"]?[$0] })
      rows += 1
      if rows.isMultiple(of: 1_000) { terminal.progress("\(rows.grouped) rows") }
    }
    try output?.finish()
    tell(rows: rows, features: names.count)
  }

  /// Writes a row for each moment of a file.
  func write(_ file: MomentFile, named name: String, from client: APIClient) async throws {
    var output: TableOutput?
    defer { output?.discard() }
    var names: [String] = []
    var rows = 0
    var refused = file.refused
    for call in calls(of: file.moments) {
      var isHead = true
      for try await line in try lines(of: call, from: client) where !line.isEmpty {
        let object = try JSONValue(parsing: line)
        if isHead {
          isHead = false
          for row in object["refused"]?.array ?? [] {
            let number = Int(row["row"]?.int ?? 0)
            refused.append((file.moments[number].line, row["reason"]?.string ?? ""))
          }
          if output != nil { continue }
          names = Self.names(of: object)
          if let both = file.columns.first(where: { names.contains($0) || $0 == "profile_id" }) {
            throw CommandFailure("\(name): the column '\(both)' is also one of the table's; rename it")
          }
          output = try TableOutput(
            format: format, columns: file.columns + ["profile_id"] + names, path: path, terminal: terminal)
        } else if let number = object["row"]?.int, file.moments.indices.contains(Int(number)) {
          let values = file.moments[Int(number)].values
          let passed = file.columns.indices.map { $0 < values.count ? values[$0] : nil }
          try output?.add(passed + [object["profile_id"]] + names.map { object["features"]?[$0] })
          rows += 1
          if rows.isMultiple(of: 1_000) {
            terminal.progress("\(rows.grouped) of \(file.moments.count.grouped) rows")
          }
        }
      }
    }
    try output?.finish()
    tell(rows: rows, features: names.count)
    tell(refused.sorted { $0.line < $1.line }, of: name)
  }

  // MARK: Calls

  private func lines(of body: [UInt8], from client: APIClient) throws -> AsyncThrowingStream<String, any Error> {
    LineStream.lines(of: try client.request("POST", "/v1/table", body: body))
  }

  private func body(_ question: JSONObject) -> [UInt8] {
    var question = question
    if let features { question["features"] = .array(features.map { .string($0) }) }
    return Array(JSONValue.object(question).text.utf8)
  }

  /// The bodies that ask for all moments, at least one: also a table without rows has its columns.
  private func calls(of moments: [MomentFile.Moment]) -> [[UInt8]] {
    var calls: [[UInt8]] = []
    var next = 0
    repeat {
      var writer = JSONWriter(reservingCapacity: Self.callBytes)
      writer.object { writer in
        if let features {
          writer.member("features", array: { list in for name in features { list.string(name) } })
        }
        writer.member(
          "moments",
          array: { list in
            while next < moments.count, list.bytes.count < Self.callBytes {
              let moment = moments[next]
              list.object {
                $0.member("row", next)
                $0.member("namespace", moment.namespace)
                $0.member("value", moment.value)
                $0.member("at", moment.at)
              }
              next += 1
            }
          })
      }
      calls.append(writer.bytes)
    } while next < moments.count
    return calls
  }

  private static func names(of head: JSONValue) -> [String] {
    (head["features"]?.array ?? []).compactMap { $0["name"]?.string }
  }

  // MARK: Telling

  private func tell(rows: Int, features: Int) {
    terminal.endProgress()
    terminal.note("\(rows.grouped) rows of \(features) features" + (path.map { " in \($0)" } ?? ""))
  }

  private func tell(_ refused: [(line: Int, reason: String)], of name: String) {
    guard !refused.isEmpty else { return }
    for (line, reason) in refused.prefix(Self.toldMax) { terminal.note("\(name):\(line): \(reason)") }
    let rest = refused.count - Self.toldMax
    terminal.note("lines left out: \(refused.count.grouped)" + (rest > 0 ? ", \(rest.grouped) not shown" : ""))
  }
}
