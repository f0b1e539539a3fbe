import CPolling
import Glibc

/// Batches of events to `/v1/batch`, or single ones to `/v1/track`.
struct IngestLoad: Workload {
  private let head: [UInt8]
  /// nil for single calls.
  private let batch: Int?
  private var events: ShopEvents
  private(set) var accepted = 0
  private(set) var rejected = 0

  init(target: Target, batch: Int?, events: ShopEvents) {
    head = target.head("POST", batch == nil ? "/v1/track" : "/v1/batch")
    self.batch = batch
    self.events = events
  }

  mutating func appendRequest(_ index: Int, to buffer: inout [UInt8]) {
    var body: [UInt8] = []
    body.reserveCapacity((batch ?? 1) * 1_300 + 64)
    if let batch {
      body += #"{"batch":["#.utf8
      for number in 0..<batch {
        if number > 0 { body.append(0x2C) }
        events.next().append(to: &body, events.values)
      }
      body += #"]}"#.utf8
    } else {
      events.next().append(to: &body, events.values)
    }
    appendBody(body, head: head, to: &buffer)
  }

  mutating func accept(status: Int, body: ArraySlice<UInt8>) -> Bool {
    guard status == 200 else { return false }
    let answered = number(after: "\"accepted\":", in: body) ?? batch ?? 1
    accepted += answered
    rejected += (batch ?? 1) - answered
    return answered == batch ?? 1
  }
}

/// Decisions for people of the shop, over `candidateCount` given candidates, or the engine's own when it is zero.
struct DecideLoad: Workload {
  private let head: [UInt8]
  private let templates: [Template]
  private var draw: Draw
  private let userCount: Int
  /// Answers that were a labelled fallback.
  private(set) var fallbacks = 0

  init(
    target: Target, placement: String, candidateCount: Int, itemCount: Int, userCount: Int, seed: UInt64
  ) {
    head = target.head("POST", "/v1/decide")
    self.userCount = userCount
    draw = Draw(seed: seed)
    var draw = draw
    templates = (0..<64).map { _ in
      let candidates = (0..<candidateCount).map { _ in "\"\(itemName(draw.uniform(below: itemCount)))\"" }
      let member = candidateCount == 0 ? "" : ",\"candidates\":[\(candidates.joined(separator: ","))]"
      return Template("{\"user_id\":\"\(Template.user)\",\"placement\":\"\(placement)\",\"count\":10\(member)}")
    }
  }

  mutating func appendRequest(_ index: Int, to buffer: inout [UInt8]) {
    var body: [UInt8] = []
    templates[index % templates.count].append(to: &body, Template.Values(user: draw.skewed(below: userCount)))
    appendBody(body, head: head, to: &buffer)
  }

  mutating func accept(status: Int, body: ArraySlice<UInt8>) -> Bool {
    guard status == 200, contains("\"item_id\"", in: body) else { return false }
    if !contains("\"fallback\":null", in: body) { fallbacks += 1 }
    return true
  }
}

func itemName(_ number: Int) -> String { "p" + padded(number, 7) }
func userName(_ number: Int) -> String { "u" + padded(number, 7) }

private func padded(_ number: Int, _ width: Int) -> String {
  let digits = "\(number)"
  return String(repeating: "0", count: width - digits.count) + digits
}

private func appendBody(_ body: [UInt8], head: [UInt8], to buffer: inout [UInt8]) {
  buffer += head
  buffer += "\(body.count)\r\n\r\n".utf8
  buffer += body
}

/// Where `text` begins in `bytes`.
private func index(of text: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
  bytes.withUnsafeBytes { buffer in
    let found = polling_find(buffer.baseAddress, buffer.count, text.utf8Start, text.utf8CodeUnitCount)
    return found < 0 ? nil : found
  }
}

func contains(_ text: StaticString, in bytes: ArraySlice<UInt8>) -> Bool { index(of: text, in: bytes) != nil }

private func number(after text: StaticString, in bytes: ArraySlice<UInt8>) -> Int? {
  guard let start = index(of: text, in: bytes) else { return nil }
  let digits = bytes.dropFirst(start + text.utf8CodeUnitCount).drop { $0 == 0x20 }
    .prefix { (0x30...0x39).contains($0) }
  return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
}
