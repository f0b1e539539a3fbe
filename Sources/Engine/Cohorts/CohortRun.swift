public import Models
public import Primitives

/// One search for cohorts, as the log keeps it.
public struct CohortRun: Sendable, Hashable {
  public enum Outcome: Sendable, Hashable, CustomStringConvertible {
    /// They are in force from here on.
    case found(CohortSet)
    /// Those of before stay in force, if there are any; the reason is for people.
    case refused(String)

    /// `14 cohorts of 1,300 people`, or the reason.
    public var description: String {
      switch self {
      case .found(let set): "\(set.cohorts.count) cohorts of \(set.people) people"
      case .refused(let reason): reason
      }
    }
  }

  /// From 1; the registry gives it.
  public internal(set) var version: Int
  public let startedAt: Timestamp
  public let finishedAt: Timestamp
  /// Where the log ended when it began.
  public let end: LogPosition
  /// People who were left out, as they are of trainings, and the share of them that the cohorts place.
  public let heldBack: Int
  public let heldBackPlaced: Double
  public internal(set) var outcome: Outcome

  public init(
    version: Int, startedAt: Timestamp, finishedAt: Timestamp, end: LogPosition, heldBack: Int,
    heldBackPlaced: Double, outcome: Outcome
  ) {
    (self.version, self.startedAt, self.finishedAt, self.end) = (version, startedAt, finishedAt, end)
    (self.heldBack, self.heldBackPlaced, self.outcome) = (heldBack, heldBackPlaced, outcome)
  }

  public var set: CohortSet? { if case .found(let set) = outcome { set } else { nil } }
  public var refusal: String? { if case .refused(let reason) = outcome { reason } else { nil } }
}

/// What is in force of cohorts: the fold of their entries.
public struct CohortRegistry: Sendable, Hashable {
  /// The last run that found some.
  public private(set) var inForce: CohortRun?
  /// The last run, whatever came of it.
  public private(set) var last: CohortRun?

  public init() {}

  /// - Returns: Whether other cohorts are in force than before.
  mutating func fold(_ run: CohortRun) -> Bool {
    last = run
    guard run.set != nil else { return false }
    inForce = run
    return true
  }
}

extension CohortRun: BinaryCodable {
  private static let format: UInt8 = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    writer.write(count: version)
    writer.write(time: startedAt)
    writer.write(time: finishedAt)
    writer.write(varint: end.rawValue)
    writer.write(count: heldBack)
    writer.write(double: heldBackPlaced)
    switch outcome {
    case .found(let set):
      writer.write(bool: true)
      set.encode(into: &writer)
    case .refused(let reason):
      writer.write(bool: false)
      writer.write(string: reason)
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else {
      throw BinaryError("a search for cohorts of format \(format), expected \(Self.format)")
    }
    version = try reader.readTotal()
    startedAt = try reader.readTime()
    finishedAt = try reader.readTime()
    end = LogPosition(try reader.readVarint())
    heldBack = try reader.readTotal()
    heldBackPlaced = try reader.readDouble()
    outcome = try reader.readBool() ? .found(try CohortSet(from: &reader)) : .refused(try reader.readString())
  }
}

extension CohortRegistry: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(optional: inForce) { $1.encode(into: &$0) }
    writer.write(optional: last == inForce ? nil : last) { $1.encode(into: &$0) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    inForce = try reader.readBool() ? try CohortRun(from: &reader) : nil
    last = try reader.readBool() ? try CohortRun(from: &reader) : inForce
  }
}
