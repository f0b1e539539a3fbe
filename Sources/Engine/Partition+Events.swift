public import Events
public import Primitives
import Profiles

/// Events of one person, the latest first.
public struct EventPage: Sendable {
  public struct Row: Sendable {
    public let position: LogPosition
    public let event: Event
    /// The text as it was received.
    public let raw: [UInt8]
  }

  public let rows: [Row]
  /// Where the next page begins, URL-safe; nil at the end.
  public let next: String?

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member(
        "events",
        array: { writer in for row in rows { row.write(into: &writer) } })
      writer.member("next", next)
    }
  }
}

extension EventPage.Row {
  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("message_id", event.messageID)
      writer.member("type", event.kind.name)
      writer.member("name", event.name)
      writer.member("timestamp", event.timestamp)
      writer.member("received_at", event.receivedAt)
      writer.member("position", Int64(clamping: position.rawValue))
      writer.member("decision_id", event.decisionID?.description)
      writer.member(
        "items", array: { writer in for signal in event.signals { if let id = signal.itemID { writer.string(id) } } })
      writer.key("event")
      writer.raw(raw)
    }
  }
}

extension Partition {
  /// The largest page of events.
  public static let eventPageMax = 500

  /// Every event of a person, whatever identifier it came under, the latest first.
  ///
  /// - Parameters:
  ///   - limit: Rows wanted; clamped to 1 … `eventPageMax`.
  ///   - cursor: `next` of the page before; nil begins with the latest.
  /// - Returns: nil when there is no such profile or no such cursor.
  public func events(of id: ProfileID, limit: Int, cursor: String?) async throws(EngineError) -> EventPage? {
    let limit = min(max(1, limit), Self.eventPageMax)
    var before = UInt64.max
    if let cursor {
      guard let position = UInt64(cursor) else { return nil }
      before = position
    }
    let found = try await read { [before] state in
      try state.positions(of: id, before: LogPosition(before), limit: limit + 1)
    }
    guard let positions = found else { return nil }
    let parser = parser
    do {
      var rows: [EventPage.Row] = []
      for position in positions.prefix(limit) {
        guard let entry = try store.entry(at: position), entry.kind == .event else { continue }
        var reader = BinaryReader(entry.payload)
        let stored = try StoredEvent(from: &reader)
        rows.append(.init(position: position, event: try stored.shownEvent(by: parser), raw: Array(stored.json)))
      }
      return EventPage(rows: rows, next: positions.count > limit ? String(positions[limit - 1].rawValue) : nil)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the events of profile \(id) cannot be read: \(error)")
    }
  }
}

extension PartitionState {
  /// Positions of a person's events before a position, descending, at most `limit`.
  fileprivate mutating func positions(of id: ProfileID, before: LogPosition, limit: Int) throws -> [LogPosition]? {
    guard let id = try current(id), let person = try persons.value(id, read) else { return nil }
    var positions: [LogPosition] = []
    for identifier in person.profile.identifiers {
      positions += try self.positions(under: IdentifierKey(identifier, hash: hash), before: before, limit: limit)
    }
    positions.sort(by: >)
    return Array(positions.prefix(limit))
  }

  private mutating func positions(
    under key: IdentifierKey, before: LogPosition, limit: Int
  ) throws -> [LogPosition] {
    guard let record = try identifiers.value(key, read) else { return [] }
    var found = record.events.recent.positions.reversed().filter { $0 < before }
    var number = record.events.fullChunks
    while found.count < limit, number > 0 {
      number -= 1
      guard let chunk = try postings.value(PostingKey(identifier: key, number: number), read) else { break }
      if chunk.first < before.rawValue { found += chunk.positions.reversed().filter { $0 < before } }
    }
    return found
  }
}
