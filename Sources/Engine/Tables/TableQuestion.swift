public import Events
public import Primitives

/// What a training table is to hold: which people at which moments, and which features.
public struct TableQuestion: Sendable {
  /// A person at a moment.
  public struct Moment: Sendable, Hashable {
    public let identifier: Identifier
    public let at: Timestamp
    /// The caller's number for it, which its row has too.
    public let row: Int

    public init(_ identifier: Identifier, at: Timestamp, row: Int) {
      self.identifier = identifier
      self.at = at
      self.row = row
    }
  }

  public enum Rows: Sendable {
    /// These, with everything that was known at each moment.
    case moments([Moment])
    /// The events of a name, or of a signal (`purchase`), each just before it.
    case events(String)
    /// The items that decisions showed, each decision as it was asked for; nil for all placements.
    case decisions(placement: String?)
  }

  /// Rows of one table at most; what has more is asked for in stretches of time.
  public static let rowsMax = 1_000_000
  /// Imported events of the people in question, at most: they are sorted by since when they are known, 16 bytes each.
  public static let historyMax = 20_000_000

  public var rows: Rows
  /// By name; nil for all in force.
  public var features: [String]?
  /// Of events and decisions, those from this moment on.
  public var from: Timestamp?
  /// Of events and decisions, those before this moment.
  public var until: Timestamp?

  public init(_ rows: Rows, features: [String]? = nil, from: Timestamp? = nil, until: Timestamp? = nil) {
    self.rows = rows
    self.features = features
    self.from = from
    self.until = until
  }

  func covers(_ moment: Timestamp) -> Bool {
    from.map { moment >= $0 } ?? true && until.map { moment < $0 } ?? true
  }
}

/// Why there is no such table.
public struct TableRefusal: Error, Sendable, Equatable {
  public enum Reason: Sendable { case unknownFeature, unknownEvent, unknownPlacement, tooMany }

  public let reason: Reason
  public let message: String
}
