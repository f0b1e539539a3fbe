import Primitives

/// Which column of a table is what in an event.
///
/// Text form: `user=UserID,item=ItemID,time=timeframe`. A column is named as in the header, or by its number from 1.
public struct ColumnMapping: Sendable, Hashable {
  public enum Role: String, Sendable, CaseIterable {
    /// The person's `user_id`.
    case user
    /// The visit: the `anonymous_id` of rows without a user, and `context.session_id` of all.
    case session
    case item
    /// The event's name; without it every row is `defaultEvent`.
    case event
    case value
    case time
    /// The day that `time` counts from.
    case date
    /// What was searched for.
    case query
  }

  public struct Refusal: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  public private(set) var columns: [Role: String]
  public var defaultEvent: String
  public var time: TimeReading

  public init(columns: [Role: String], defaultEvent: String = "view", time: TimeReading = TimeReading()) {
    self.columns = columns
    self.defaultEvent = defaultEvent
    self.time = time
  }

  /// - Throws: For unknown roles, roles named twice, and mappings that name no person.
  public init(
    parsing text: String, defaultEvent: String = "view", time: TimeReading = TimeReading()
  ) throws(Refusal) {
    var columns: [Role: String] = [:]
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingSpaces }
      guard sides.count == 2, !sides[1].isEmpty else {
        throw Refusal(description: "'\(part)' is not of the form role=column")
      }
      guard let role = Role(rawValue: sides[0]) else {
        let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
        throw Refusal(description: "'\(sides[0])' is no role of a column; there are \(known)")
      }
      guard columns.updateValue(sides[1], forKey: role) == nil else {
        throw Refusal(description: "'\(role.rawValue)' is mapped twice")
      }
    }
    guard columns[.user] != nil || columns[.session] != nil else {
      throw Refusal(description: "a mapping needs `user` or `session`: every event is somebody's")
    }
    if columns[.date] != nil || time.base != nil, time.unit == .auto || time.unit == .iso {
      throw Refusal(description: "with a date that times count from, say the time's unit: s or ms")
    }
    self.init(columns: columns, defaultEvent: defaultEvent, time: time)
  }

  /// The usual names, for tables that come without a mapping.
  public static func guessed(
    from header: [String], defaultEvent: String = "view", time: TimeReading = TimeReading()
  ) -> ColumnMapping? {
    let usual: [Role: Set<String>] = [
      .user: ["user", "user_id", "userid", "visitor_id", "visitorid", "customer_id"],
      .session: ["session", "session_id", "sessionid", "anonymous_id"],
      .item: ["item", "item_id", "itemid", "product_id", "productid", "movie_id", "movieid"],
      .event: ["event", "event_type", "eventtype", "behavior", "action"],
      .value: ["value", "rating", "price", "amount", "revenue"],
      .time: ["time", "timestamp", "datetime", "event_time", "created_at"],
      .query: ["query", "search_query"],
    ]
    var columns: [Role: String] = [:]
    for name in header {
      let plain = name.lowercased()
      for (role, names) in usual where names.contains(plain) && columns[role] == nil { columns[role] = name }
    }
    guard columns[.user] != nil || columns[.session] != nil else { return nil }
    return ColumnMapping(columns: columns, defaultEvent: defaultEvent, time: time)
  }
}

extension StringProtocol {
  var trimmingSpaces: String {
    var rest = Substring(self)
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return String(rest)
  }
}
