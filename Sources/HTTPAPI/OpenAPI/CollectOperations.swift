/// What the document says of the routes that receive events.
extension Operation {
  static func segmentCall(_ name: String) -> Operation {
    Operation(
      id: name, tag: .collect, summary: "A \(name) call of the Segment specification.",
      request: .json("SegmentCall\(name.prefix(1).uppercased())\(name.dropFirst())"),
      replies: [.ok("Success", "Stored and visible; also when the message id is known already.")])
  }

  static let batch = Operation(
    id: "batch", tag: .collect,
    summary: "Many Segment calls at once. A bad one goes to the dead letters and does not hold up the others.",
    request: .json("Batch"), replies: [.ok("BatchResult", "The good ones are stored and visible.")])

  static let importHistory = Operation(
    id: "import", tag: .collect,
    summary: "Many events that happened earlier: their times are not corrected, and count as when they became known.",
    request: .json("ImportBatch"), replies: [.ok("BatchResult", "The good ones are stored and visible.")])

  static let events = Operation(
    id: "sendEvents", tag: .collect, summary: "Flat events, one or an array.", request: .json("FlatEvents"),
    replies: [.ok("EventsResult", "The good ones are stored and visible.")])

  static let consent = Operation(
    id: "recordConsent", tag: .collect, summary: "What a person allows their data to be used for, by purpose.",
    request: .json("ConsentCall"), replies: [.ok("Success", "Counts from the next decision on.")])
}
