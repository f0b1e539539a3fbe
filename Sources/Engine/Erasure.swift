public import Primitives

/// That a person was erased: an entry of the log, which proves it without saying who it was, and by which any state that still
/// knows the person forgets them.
struct Erasure: Sendable, BinaryCodable {
  private static let format: UInt8 = 1

  /// Digests of the profile's id, then of those of the profiles that had become one with it.
  var profiles: [Digest128] = []
  /// The person's identifiers.
  var identifiers: [IdentifierKey] = []
  /// Identifiers of others that an erased entry named: those people are folded again.
  var around: [IdentifierKey] = []
  var entryCounts = ErasedEntryCounts()
  /// Decisions of others that an erased event was an outcome of.
  var rejoined: [Rejoining] = []
  /// All there ever was until then, what was erased included.
  var counts = PartitionCounts()

  /// A decision, and where its outcomes stand that remain.
  struct Rejoining: Sendable, BinaryCodable {
    let decision: DecisionID
    let events: [LogPosition]

    init(decision: DecisionID, events: [LogPosition]) {
      self.decision = decision
      self.events = events
    }

    func encode(into writer: inout BinaryWriter) {
      writer.write(id: decision.rawValue)
      writer.write(count: events.count)
      for position in events { writer.write(varint: position.rawValue) }
    }

    init(from reader: inout BinaryReader) throws(BinaryError) {
      decision = DecisionID(try reader.readID())
      var events: [LogPosition] = []
      for _ in 0..<(try reader.readCount()) { events.append(LogPosition(try reader.readVarint())) }
      self.events = events
    }
  }

  init() {}

  func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    for digests in [profiles, identifiers.map(\.digest), around.map(\.digest)] {
      writer.write(count: digests.count)
      for digest in digests { writer.write(digest: digest) }
    }
    entryCounts.encode(into: &writer)
    writer.write(list: rejoined)
    counts.encode(into: &writer)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else { throw BinaryError("an erasure in the unknown format \(format)") }
    func digests() throws(BinaryError) -> [Digest128] {
      var digests: [Digest128] = []
      for _ in 0..<(try reader.readCount()) { digests.append(try reader.readDigest()) }
      return digests
    }
    profiles = try digests()
    identifiers = try digests().map(IdentifierKey.init)
    around = try digests().map(IdentifierKey.init)
    entryCounts = try ErasedEntryCounts(from: &reader)
    rejoined = try reader.readList(of: Rejoining.self)
    counts = try PartitionCounts(from: &reader)
  }
}

/// How many entries an erasure took away.
public struct ErasedEntryCounts: Sendable, Equatable, BinaryCodable {
  public internal(set) var events = 0
  public internal(set) var decisions = 0
  public internal(set) var deadLetters = 0
  public internal(set) var unmerges = 0
  /// Those among the events and decisions that were other people's and named an identifier of the person.
  public internal(set) var ofOthers = 0

  init() {}

  public var total: Int { events + decisions + deadLetters + unmerges }

  public func encode(into writer: inout BinaryWriter) {
    for count in [events, decisions, deadLetters, unmerges, ofOthers] { writer.write(count: count) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    func count() throws(BinaryError) -> Int { Int(clamping: try reader.readVarint()) }
    events = try count()
    decisions = try count()
    deadLetters = try count()
    unmerges = try count()
    ofOthers = try count()
  }
}

/// Where the proof of a profile's erasure stands.
struct ErasedProfile: Sendable, BinaryCodable {
  let position: LogPosition

  init(position: LogPosition) { self.position = position }

  func encode(into writer: inout BinaryWriter) { writer.write(varint: position.rawValue) }

  init(from reader: inout BinaryReader) throws(BinaryError) { position = LogPosition(try reader.readVarint()) }
}

/// What is shown of an erasure: enough to prove it to whoever knows the name, of no use to others without the workspace's key.
public struct ErasureProof: Sendable {
  public let position: LogPosition
  public let erasedAt: Timestamp
  /// Digests under the workspace's key.
  public let profile: Digest128
  public let identifiers: [Digest128]
  public let entries: ErasedEntryCounts

  init(_ erasure: Erasure, at position: LogPosition, knownAt: Timestamp) {
    self.position = position
    erasedAt = knownAt
    profile = erasure.profiles.first ?? Digest128(high: 0, low: 0)
    identifiers = erasure.identifiers.map(\.digest)
    entries = erasure.entryCounts
  }

  /// `{"position", "erased_at", "profile_digest", "identifier_digests", "erased": {"events", "decisions", "dead_letters",
  /// "unmerges", "of_others"}}`
  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("position", Int64(clamping: position.rawValue))
      writer.member("erased_at", erasedAt)
      writer.member("profile_digest", profile.hexadecimal)
      writer.member(
        "identifier_digests", array: { list in for digest in identifiers { list.string(digest.hexadecimal) } })
      writer.member(
        "erased",
        object: {
          $0.member("events", entries.events)
          $0.member("decisions", entries.decisions)
          $0.member("dead_letters", entries.deadLetters)
          $0.member("unmerges", entries.unmerges)
          $0.member("of_others", entries.ofOthers)
        })
    }
  }
}
