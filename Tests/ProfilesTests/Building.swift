import Events
import Governance
import Primitives
import Profiles

let start = Timestamp(seconds: 1_772_366_400)

func profileID(_ number: UInt64) -> ProfileID { ProfileID(SortableID(high: 1, low: number)) }

extension Event {
  /// An identify call `seconds` after the start.
  static func identify(
    _ traits: String, _ id: String, seconds: Int, consent: [(Purpose, Bool)] = []
  ) throws -> Event {
    var event = Event(
      messageID: id, kind: .identify, name: "identify", identifiers: [.user("u")], timestamp: start + .seconds(seconds),
      receivedAt: start)
    event.traits = try JSONDocument(parsing: Array(traits.utf8)).root
    event.consent = consent.map { ConsentStatement(purpose: $0.0, isGranted: $0.1, at: event.timestamp) }
    return event
  }

  /// A call of these people; an alias when it names an id of before.
  static func of(
    _ identifiers: Identifier..., kind: EventKind = .track, previous: String? = nil, seconds: Int = 0
  ) -> Event {
    var event = Event(
      messageID: "m", kind: previous == nil ? kind : .alias, name: "e", identifiers: identifiers,
      timestamp: start + .seconds(seconds), receivedAt: start)
    event.previousID = previous
    return event
  }
}

extension Profile {
  /// A profile that these events make, in this order.
  init(_ number: UInt64 = 1, folding events: [Event]) {
    self.init(id: profileID(number), createdAt: events.first?.timestamp ?? start)
    for event in events { fold(event) }
  }

  func link(_ identifiers: Identifier...) -> Profile {
    var linked = self
    linked.apply(IdentityPlan(target: .existing(id), linked: identifiers))
    return linked
  }

  var json: JSONValue? {
    var writer = JSONWriter()
    writer.object { writeMembers(into: &$0) }
    return try? JSONDocument(parsing: writer.bytes).root.value
  }
}

func roundTrip<Value: BinaryCodable>(_ value: Value) throws -> Value {
  var writer = BinaryWriter()
  value.encode(into: &writer)
  var reader = BinaryReader(writer.bytes)
  let again = try Value(from: &reader)
  guard reader.isAtEnd else { throw BinaryError("\(reader.remaining) bytes left") }
  return again
}
