import Engine
import Events
import Governance
import HTTPTypes
import HummingbirdCore
import NIOCore
import Primitives
import ServiceLifecycle
import Workspaces

/// The log itself: what was refused, what happens now, and all there was.
struct LogRoutes: Sendable {
  static let pageMax = 500
  /// Bytes read from the store for each piece of an export.
  private static let pieceBytes = 256 << 10
  /// People who are read from the state in one turn of its owner.
  private static let profilesTogether = 100
  /// A watcher that hears nothing for so long is told that nothing happened, which also finds out that it left.
  private static let silenceMax: Duration = .seconds(15)

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.get, "/v1/dead-letters", .key(.read), on: .blockingPool, .deadLetters) { try await deadLetters($0) },
      Route(.post, "/v1/dead-letters/replay", .key(.admin), body: .small, on: .blockingPool, .replayDeadLetters) {
        try await replay($0)
      },
      Route(.get, "/v1/tail", .key(.read), .tail) { try await tail($0) },
      Route(.get, "/v1/export", .key(.read), on: .blockingPool, .export) { try await export($0) },
    ]
  }

  private func deadLetters(_ call: Call) async throws -> Reply {
    let limit = try call.query.limit(standard: 50, max: Self.pageMax)
    let before = try call.query.position("cursor")
    let page = try await context.partition(of: call.caller).deadLetters(before: before, limit: limit)
    return Reply { writer in
      writer.object { writer in
        writer.member("dead_letters", array: { list in for row in page.rows { row.letter.write(to: &list) } })
        writer.member("next", page.next.map { String($0.rawValue) })
        writer.member("total", Int64(clamping: page.total))
        writer.member(
          "by_code",
          object: { object in
            for (code, count) in page.countByCode.sorted(by: { $0.key < $1.key }) {
              object.member(code, Int64(clamping: count))
            }
          })
      }
    }
  }

  /// Reads dead letters again with the names and the plan in force now, and takes those that have become good.
  private func replay(_ call: Call) async throws -> Reply {
    let body = try call.object()
    let code = try Self.text("code", in: body)
    let cursor = try Self.text("cursor", in: body).map { text throws(Problem) in
      guard let position = UInt64(text) else {
        throw .invalidParameter(
          "cursor", "'\(text.prefix(40))' is no place in the log; send the 'next' of the answer before")
      }
      return LogPosition(position)
    }
    let partition = try await context.partition(of: call.caller)
    let page = try await partition.deadLetters(before: cursor, limit: Self.pageMax)
    let letters = page.rows.map(\.letter).filter { code == nil || $0.code == code }
    let items = letters.compactMap { $0.sent.map { EventIntake.Item(view: $0.view, receipt: $0.receipt) } }
    let intake = EventIntake(context: context, caller: call.caller, receivedAt: call.receivedAt)
    let outcome = try await intake.take(items, max: Self.pageMax, keepsLetters: false)
    return Reply { writer in
      writer.object {
        $0.member("accepted", outcome.accepted)
        $0.member("duplicates", outcome.duplicates)
        $0.member("still_refused", outcome.rejected.count)
        $0.member("unreadable", letters.count - items.count)
        $0.member("next", page.next.map { String($0.rawValue) })
      }
    }
  }

  private static func text(_ name: StaticString, in body: JSONView) throws(Problem) -> String? {
    guard let view = body[name], !view.isNull else { return nil }
    guard let text = view.string else { throw .invalidField("\(name)", found: view, expected: "a string") }
    return text
  }

  // MARK: Watching

  /// Lines of JSON, or server-sent events for those who ask for `text/event-stream`.
  private func tail(_ call: Call) async throws -> Reply {
    let isEventStream = call.head.headerFields[.accept]?.contains("text/event-stream") == true
    let items = try await context.partition(of: call.caller).tail()
    let format = isEventStream ? TailFormat.serverSentEvents : .lines
    return Reply(
      contentType: format.contentType,
      content: .stream { body in
        try await body.write(ByteBuffer(bytes: format.silence))  // so that the answer begins at once
        for await piece in Self.pieces(of: items, format: format) {
          try await body.write(ByteBuffer(bytes: piece))
        }
      })
  }

  /// The items as text, with a sign of life whenever nothing happens for a while; ends with the server.
  private static func pieces(of items: AsyncStream<TailItem>, format: TailFormat) -> AsyncStream<[UInt8]> {
    AsyncStream(bufferingPolicy: .bufferingNewest(1_000)) { continuation in
      let forwarding = Task {
        for await item in items.cancelOnGracefulShutdown() { continuation.yield(format.text(of: item)) }
        continuation.finish()
      }
      let ticking = Task {
        while !Task.isCancelled {
          try await Task.sleep(for: silenceMax)
          continuation.yield(format.silence)
        }
      }
      continuation.onTermination = { _ in
        forwarding.cancel()
        ticking.cancel()
      }
    }
  }

  // MARK: Exporting

  /// Entries of the log as lines of JSON, from `from` on, to its end as it is when the call begins.
  private func export(_ call: Call) async throws -> Reply {
    if try call.query.last("kind") == "profiles" { return try await exportProfiles(call) }
    let name = try call.query.last("kind")
    // Whole entries tell what nobody but an administrator may see, such as the workspace's hash key.
    let isWhole = name == "log"
    if isWhole, !call.caller.may(.admin) { throw Problem.missingScope("admin") }
    let kind = isWhole ? nil : try Self.kind(name)
    let first = try call.query.position("from") ?? LogPosition.start.next
    let partition = try await context.partition(of: call.caller)
    let end = partition.statistics.logEnd
    return Reply(
      contentType: "application/x-ndjson",
      content: .stream { body in
        var next: LogPosition? = first
        while let position = next, position <= end {
          let piece = try await context.blockingPool.step {
            try await Self.piece(of: partition, from: position, to: end, kind: kind)
          }
          if !piece.lines.isEmpty { try await body.write(ByteBuffer(bytes: piece.lines)) }
          next = piece.next
        }
      })
  }

  /// Every person who is known when the call begins, as `GET /v1/profiles/{id}` shows them, in the order of their ids.
  private func exportProfiles(_ call: Call) async throws -> Reply {
    guard try call.query.last("from") == nil else {
      throw Problem.invalidParameter(
        "from", "profiles have no positions, expected 'from' with events and decisions only")
    }
    let partition = try await context.partition(of: call.caller)
    return Reply(
      contentType: "application/x-ndjson",
      content: .stream { body in
        let ids = try await context.blockingPool.step { try await partition.profileIDs() }
        for start in stride(from: 0, to: ids.count, by: Self.profilesTogether) {
          let views = try await partition.profiles(
            Array(ids[start..<min(start + Self.profilesTogether, ids.count)]), at: call.receivedAt)
          var lines: [UInt8] = []
          for view in views {
            var writer = JSONWriter(reservingCapacity: 1_024)
            view.write(into: &writer)
            lines += writer.bytes.filter { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") } + [UInt8(ascii: "\n")]
          }
          if !lines.isEmpty { try await body.write(ByteBuffer(bytes: lines)) }
        }
      })
  }

  private struct Piece {
    var lines: [UInt8] = []
    /// Where the next begins; nil when the log has no more.
    var next: LogPosition?
  }

  private static func piece(
    of partition: Partition, from first: LogPosition, to end: LogPosition, kind: LogEntryKind?
  ) async throws -> Piece {
    let entries = try await partition.entries(from: first, bytesMax: pieceBytes)
    var piece = Piece(next: entries.last?.position.next)
    for entry in entries where entry.position <= end {
      if kind == nil {
        var writer = JSONWriter(reservingCapacity: entry.entry.payload.count * 4 / 3 + 128)
        entry.write(into: &writer)
        piece.lines += writer.bytes + [UInt8(ascii: "\n")]
      } else if entry.entry.kind == kind {
        piece.lines += try await ExportLine(entry, partition: partition)?.text ?? []
      }
    }
    return piece
  }

  private static func kind(_ name: String?) throws(Problem) -> LogEntryKind {
    switch name ?? "events" {
    case "events": return .event
    case "decisions": return .decision
    default:
      throw .invalidParameter(
        "kind", "'\((name ?? "").prefix(40))' cannot be exported, expected events, decisions, profiles or log")
    }
  }
}

/// How watchers are told.
enum TailFormat: Sendable {
  case lines
  case serverSentEvents

  var contentType: String {
    switch self {
    case .lines: "application/x-ndjson"
    case .serverSentEvents: "text/event-stream"
    }
  }

  /// Says nothing: an empty line, or a comment.
  var silence: [UInt8] {
    switch self {
    case .lines: Array("\n".utf8)
    case .serverSentEvents: Array(":\n\n".utf8)
    }
  }

  func text(of item: TailItem) -> [UInt8] {
    var writer = JSONWriter()
    item.write(into: &writer)
    switch self {
    case .lines: return writer.bytes + Array("\n".utf8)
    case .serverSentEvents:
      return Array("id: \(item.position.rawValue)\nevent: \(item.kind)\ndata: ".utf8) + writer.bytes
        + Array("\n\n".utf8)
    }
  }
}

extension TailItem {
  fileprivate func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("position", Int64(clamping: position.rawValue))
      writer.member("kind", kind)
      writer.member("at", knownAt)
      writer.member("name", name)
      writer.member("person", person)
      writer.member("items", array: { list in for item in items { list.string(item) } })
    }
  }
}
