import Events
import Primitives

/// Batches of events of all shapes with all kinds of members, good and bad, for laws that hold of every event.
enum RandomEvents {
  struct Batch {
    let text: String
    let shape: EventShape
  }

  static func batch(_ generator: inout some RandomNumberGenerator) -> Batch {
    let shape = EventShape.allCases.randomElement(using: &generator) ?? .flat
    let items = (0..<Int.random(in: 1...3, using: &generator)).map { _ in event(shape, &generator) }
    var members = ["\"batch\": [\(items.joined(separator: ","))]"]
    if Bool.random(using: &generator) { members.append("\"sentAt\": \(time(&generator))") }
    if Bool.random(using: &generator) { members.append("\"context\": \(context(&generator))") }
    if Bool.random(using: &generator) { members.append("\"integrations\": {\"All\": true}") }
    return Batch(text: "{\(members.shuffled(using: &generator).joined(separator: ", "))}", shape: shape)
  }

  private static func event(_ shape: EventShape, _ generator: inout some RandomNumberGenerator) -> String {
    let isFlat = shape == .flat || shape == .consent
    let names = ["Product Viewed", "order completed", "view", "purchase", "rating", "dwell", "search", "Song Played"]
    let types = EventKind.allCases.map(\.name) + ["merge"]
    var members: [String] = []
    func add(_ chance: Double, _ segment: String, _ flat: String, _ value: String) {
      guard generator.nextUnit() < chance else { return }
      members.append("\"\(isFlat ? flat : segment)\": \(value)")
    }
    add(0.7, "userId", "user_id", id(&generator))
    add(0.6, "anonymousId", "anonymous_id", id(&generator))
    add(0.7, "messageId", "message_id", id(&generator))
    add(0.95, "type", "type", "\"\(types.randomElement(using: &generator) ?? "")\"")
    add(0.95, "event", "event_type", "\"\(names.randomElement(using: &generator) ?? "")\"")
    add(0.5, "name", "name", "\"Home\"")
    add(0.9, "previousId", "previous_id", id(&generator))
    add(0.9, "groupId", "group_id", id(&generator))
    add(0.7, "timestamp", "timestamp", time(&generator))
    add(0.2, "originalTimestamp", "original_timestamp", time(&generator))
    add(0.2, "sentAt", "sent_at", time(&generator))
    add(0.2, "receivedAt", "received_at", time(&generator))
    add(0.7, "context", "context", context(&generator))
    add(0.7, "properties", "properties", properties(&generator))
    add(0.5, "traits", "traits", #"{"plan": "pro", "consent": {"marketing": false}, "age": 30}"#)
    add(0.5, "-", "item_id", id(&generator))
    add(0.3, "-", "value", "\(Int.random(in: -5...50, using: &generator))")
    add(0.3, "-", "device", #"{"type": "tablet"}"#)
    add(0.3, "-", "location", #""DE""#)
    add(0.9, "-", "purposes", #"{"personalization": true, "Marketing": false}"#)
    return "{\(members.shuffled(using: &generator).joined(separator: ",\n "))}"
  }

  private static func id(_ generator: inout some RandomNumberGenerator) -> String {
    [#""u1""#, #""ü\u00e9\n2""#, "17", "4.50", "null", #""""#, #""a\"b""#].randomElement(using: &generator) ?? "1"
  }

  private static func time(_ generator: inout some RandomNumberGenerator) -> String {
    let seconds = 1_772_366_400 - Int.random(in: 0...100_000, using: &generator)
    let iso = Timestamp(microseconds: Int64(seconds) * 1_000_000 + Int64.random(in: 0..<1_000_000, using: &generator))
    return ["\(seconds)", "\(seconds)123", "\"\(iso)\"", "\"\(seconds).5\"", "null"].randomElement(using: &generator)
      ?? "0"
  }

  private static func context(_ generator: inout some RandomNumberGenerator) -> String {
    let members = [
      #""region": "AT""#, #""timezone": "Europe/Berlin""#, #""locale": "de""#, #""device": {"type": "ios"}"#,
      #""os": {"name": "iOS"}"#, #""page": {"referrer": "https://a.example/x"}"#, #""campaign": {"name": "c"}"#,
      #""userAgent": "Mozilla/5.0 (X11; Linux x86_64)""#, #""consent": {"categoryPreferences": {"ads": false}}"#,
      #""traits": {"plan": "free"}"#, #""externalIds": [{"id": "a@b.example", "type": "email"}]"#, #""groupId": "g""#,
      #""location": {"country": "DE"}"#, #""region": null"#,
    ]
    let chosen = members.filter { _ in generator.nextUnit() < 0.3 }.shuffled(using: &generator)
    return "{\(chosen.joined(separator: ", "))}"
  }

  private static func properties(_ generator: inout some RandomNumberGenerator) -> String {
    let members = [
      #""product_id": "mug""#, #""price": 12.5"#, #""quantity": 2"#, #""revenue": 30"#, #""rating": 4"#, #""value": 7"#,
      #""query": "blue mug""#, #""decision_id": "d_01KJMVT2DN0000000000000000""#, #""note": {"a": [1, 2.5e3]}"#,
      #""products": [{"product_id": "a", "price": 2}, {"sku": "b"}]"#,
    ]
    let chosen = members.filter { _ in generator.nextUnit() < 0.4 }.shuffled(using: &generator)
    return "{\(chosen.joined(separator: ", "))}"
  }
}
