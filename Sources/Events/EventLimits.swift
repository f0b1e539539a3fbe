/// Bounds on what one event may say. They keep state bounded whoever sends it.
enum EventLimits {
  /// Bytes of a message id.
  static let messageIDBytes = 256
  /// Bytes of an id of a person, a group or an item.
  static let idBytes = 512
  /// Bytes of an event's, a page's or an identifier namespace's name.
  static let nameBytes = 512
  /// Bytes of what was searched for; longer is cut.
  static let queryBytes = 512
  static let products = 200
  static let externalIDs = 50
  static let purposes = 100
  /// Bytes of a purpose's name.
  static let purposeBytes = 128
  /// Seconds: nobody looks at one thing for longer without having left.
  static let dwellSeconds = 1_800.0
  /// Money and ratings, either sign: what a fixed-point sum of millions of events can hold.
  static let magnitude = 1e12
  /// Units of one line of an order.
  static let quantity = 1_000_000
}
