/// What the document says of the routes that receive events.
extension Operation {
  static func segmentCall(_ name: String) -> Operation {
    Operation(
      id: name, tag: .collect, summary: "A \(name) call of the Segment specification.",
      request: .json(
        "SegmentCall\(name.prefix(1).uppercased())\(name.dropFirst())", example: callExamples[name] ?? "{}"),
      replies: [.ok("Success", "Stored and visible; also when the message id is known already.")])
  }

  private static let callExamples = [
    "track": #"{"userId":"ada","event":"Product Viewed","properties":{"product_id":"mug"}}"#,
    "identify": #"{"userId":"ada","traits":{"email":"ada@example.com","plan":"gold"}}"#,
    "page": #"{"anonymousId":"browser-1","name":"Home","context":{"page":{"url":"https://shop.example/"}}}"#,
    "screen": #"{"userId":"ada","name":"Start"}"#,
    "group": #"{"userId":"ada","groupId":"company-1","traits":{"name":"Example"}}"#,
    "alias": #"{"userId":"ada","previousId":"browser-1"}"#,
  ]
  private static let flatEvent = #"{"user_id":"ada","event_type":"view","item_id":"mug"}"#
  private static let batchExample = #"{"batch":[{"type":"track","userId":"ada","event":"Signed Up"}]}"#

  static let batch = Operation(
    id: "batch", tag: .collect,
    summary: "Many Segment calls at once. A bad one goes to the dead letters and does not hold up the others.",
    request: .json("Batch", example: batchExample),
    replies: [.ok("BatchResult", "The good ones are stored and visible.")])

  static let importHistory = Operation(
    id: "import", tag: .collect,
    summary:
      "Many events that happened earlier: their times are not corrected. Sent with an admin key, they count as known "
      + "since the receipt that they state (receivedAt, received_at), else since they happened; with another key since now.",
    request: .json("ImportBatch", example: batchExample),
    replies: [.ok("BatchResult", "The good ones are stored and visible.")])

  static let events = Operation(
    id: "sendEvents", tag: .collect, summary: "Flat events, one or an array.",
    request: .json("FlatEvents", example: flatEvent),
    replies: [.ok("EventsResult", "The good ones are stored and visible.")])

  static let consent = Operation(
    id: "recordConsent", tag: .collect, summary: "What a person allows their data to be used for, by purpose.",
    request: .json("ConsentCall", example: #"{"user_id":"ada","purposes":{"personalization":true}}"#),
    replies: [.ok("Success", "Counts from the next decision on.")])
}
