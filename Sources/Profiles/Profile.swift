public import Events
public import Governance
public import Primitives

/// A person as events describe them: who they are, what they said of themselves, what they agreed to.
///
/// A pure fold: the same events in any order give the same profile. (Which identifiers belong to it is decided before,
/// in the order of the log, by `IdentityRules`.) What higher floors know of a person stands beside it, not in it.
public struct Profile: Sendable, Equatable {
  /// Identifiers of one profile; `IdentityRules` refuses more.
  public static let identifiersMax = 1_000
  /// Refusals kept, the latest.
  public static let refusalsMax = 20

  public let id: ProfileID
  /// Time of the earliest event.
  public private(set) var createdAt: Timestamp
  /// Time of the latest event.
  public private(set) var lastSeenAt: Timestamp
  /// Ascending.
  public private(set) var identifiers: [Identifier] = []
  /// Why these identifiers are one person's, earliest first: a tree over them.
  public private(set) var links: [IdentityLink] = []
  public private(set) var traits = Traits()
  public private(set) var consent = Consent()
  /// Events folded, those of absorbed profiles included.
  public private(set) var eventCount = 0
  /// What did not become one with this profile, latest first; one for each identifier, profile and reason.
  public private(set) var refusals: [MergeRefusal] = []
  /// Profiles that became one with this, ascending; their ids lead here.
  public private(set) var absorbed: [ProfileID] = []

  /// - Parameter createdAt: Time of the event that the profile begins with.
  public init(id: ProfileID, createdAt: Timestamp) {
    self.id = id
    self.createdAt = createdAt
    lastSeenAt = createdAt
  }

  /// The one `user_id`, nil while the person is anonymous.
  public var userID: String? { identifiers.first { $0.isUser }?.value }

  /// A trait's value, nil when unknown.
  public func trait(_ name: String) -> JSONValue? { traits[name] }

  /// Takes in what the event says of the person: its time, traits (of `identify` only) and consent.
  public mutating func fold(_ event: Event) {
    eventCount += 1
    createdAt = min(createdAt, event.timestamp)
    lastSeenAt = max(lastSeenAt, event.timestamp)
    for statement in event.consent { consent.record(statement) }
    guard event.kind == .identify, let stated = event.traits else { return }
    let stamp = Traits.Stamp(at: event.timestamp, messageID: event.messageID)
    // Of members with one name the last counts. Consent is kept as consent, not as a second truth among the traits.
    var seen: Set = ["consent"]
    for (name, value) in Array(stated.members).reversed() where seen.insert(name).inserted {
      traits.state(name, value.value, stamp)
    }
  }

  /// Does what was planned for an event of this profile, but for absorbing others.
  public mutating func apply(_ plan: IdentityPlan) {
    for identifier in plan.linked { link(identifier) }
    for link in plan.links { add(link) }
    for refusal in plan.refusals { record(refusal) }
  }

  /// Takes over another profile of the same person. The content is the same whichever absorbs the other; the id, and by
  /// that `absorbed`, is that of the keeper.
  public mutating func absorb(_ other: Profile) {
    createdAt = min(createdAt, other.createdAt)
    lastSeenAt = max(lastSeenAt, other.lastSeenAt)
    eventCount += other.eventCount
    for identifier in other.identifiers { link(identifier) }
    for link in other.links { add(link) }
    traits.merge(other.traits)
    consent.merge(other.consent)
    for refusal in other.refusals { record(refusal) }
    absorbed = Set(absorbed + other.absorbed + [other.id]).sorted()
  }

  private mutating func link(_ identifier: Identifier) {
    let index = identifiers.firstIndex { $0 >= identifier } ?? identifiers.count
    guard identifiers.count < Self.identifiersMax, index == identifiers.count || identifiers[index] != identifier else {
      return
    }
    identifiers.insert(identifier, at: index)
  }

  private mutating func add(_ link: IdentityLink) {
    let index = links.firstIndex { !IdentityLink.isListedBefore($0, link) } ?? links.count
    guard links.count < Self.identifiersMax, index == links.count || links[index] != link else { return }
    links.insert(link, at: index)
  }

  private mutating func record(_ refusal: MergeRefusal) {
    if let index = refusals.firstIndex(where: { $0.isAlike(refusal) }) {
      guard refusals[index].at < refusal.at else { return }
      refusals.remove(at: index)
    }
    let index = refusals.firstIndex { MergeRefusal.isListedBefore(refusal, $0) } ?? refusals.count
    refusals.insert(refusal, at: index)
    if refusals.count > Self.refusalsMax { refusals.removeLast() }
  }
}

extension Profile: BinaryCodable {
  private static let format: UInt8 = 2

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(id: id.rawValue)
    writer.write(time: createdAt)
    writer.write(time: lastSeenAt)
    writer.write(count: eventCount)
    writer.write(list: identifiers)
    writer.write(list: links)
    traits.encode(into: &writer)
    consent.encode(into: &writer)
    writer.write(list: refusals)
    writer.write(count: absorbed.count)
    for id in absorbed { writer.write(id: id.rawValue) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("a profile in the unknown format \(format)") }
    id = ProfileID(try reader.readID())
    createdAt = try reader.readTime()
    lastSeenAt = try reader.readTime()
    eventCount = Int(clamping: try reader.readVarint())
    identifiers = try reader.readList(of: Identifier.self)
    links = try reader.readList(of: IdentityLink.self)
    traits = try Traits(from: &reader)
    consent = try Consent(from: &reader)
    refusals = try reader.readList(of: MergeRefusal.self)
    for _ in 0..<(try reader.readCount()) { absorbed.append(ProfileID(try reader.readID())) }
  }
}
