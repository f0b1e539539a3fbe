// The JSON scanner beside simdjson and Foundation: 100 events of about 1 KB, one thread.
//
//     swift run -c release JSONBench

import CSimdJSON
import Foundation
import Primitives

let events = SampleEvents.make(count: 100)
let byteCount = events.reduce(0) { $0 + $1.count }
let batch = Array("{\"batch\":[".utf8) + Array(events.joined(separator: [0x2C])) + Array("]}".utf8)

/// Reads what an event needs at once; all of it copied out, as a store would.
func readMembers(_ event: JSONView) -> Int {
  var sum = 0
  sum += event["messageId"]?.string?.utf8.count ?? 0
  sum += event["type"]?.string?.utf8.count ?? 0
  sum += event["event"]?.string?.utf8.count ?? 0
  sum += event["userId"]?.string?.utf8.count ?? 0
  sum += event["anonymousId"]?.string?.utf8.count ?? 0
  sum += event["timestamp"]?.string?.utf8.count ?? 0
  sum += event["properties"]?["product_id"]?.string?.utf8.count ?? 0
  sum += event["context"]?["timezone"]?.string?.utf8.count ?? 0
  return sum
}

func requireRead<Value>(_ body: () throws -> Value) -> Value {
  do { return try body() } catch { fatalError("\(error)") }
}

/// Prints the median of `rounds` runs over all events. Returns what the reading summed up to, nil when it was not asked for:
/// an argument names the measurements to run.
func measure(_ name: String, rounds: Int = 400, bytes: Int = byteCount, _ run: () -> Int) -> Int? {
  if let wanted = CommandLine.arguments.dropFirst().first, !name.contains(wanted) { return nil }
  let clock = ContinuousClock()
  var sum = 0
  let times = (0..<rounds).map { _ in clock.measure { sum = run() } }.sorted()
  let seconds = times[rounds / 2].inSeconds
  let padded = name.padding(toLength: 48, withPad: " ", startingAt: 0)
  print(
    padded
      + String(
        format: "%6.0f MB/s  %7.3f µs/event", Double(bytes) / seconds / 1e6, seconds * 1e6 / Double(events.count)))
  return sum
}

struct Wire: Decodable {
  struct Properties: Decodable { let product_id: String }
  struct Context: Decodable { let timezone: String }
  let messageId, type, event, userId, anonymousId, timestamp: String
  let properties: Properties
  let context: Context
}

let padding = csimdjson_padding()
let padded = events.map { $0 + [UInt8](repeating: 0, count: padding) }
func simdjson(_ read: (UnsafePointer<UInt8>, Int, Int) -> Int) -> Int {
  var sum = 0
  for (event, text) in zip(events, padded) {
    sum += text.withUnsafeBufferPointer { read($0.baseAddress!, event.count, text.count) }
  }
  return sum
}
let datas = events.map { Data($0) }

print("\(events.count) events, \(byteCount) bytes; simdjson uses \(String(cString: csimdjson_implementation()))")
var sums: [Int?] = []
_ = measure("Attune, scan") {
  events.reduce(0) { sum, event in sum + requireRead { try JSONDocument(parsing: event) }.bytes.count }
}
_ = measure("Attune, scan of one batch body", bytes: batch.count) {
  requireRead { try JSONDocument(parsing: batch) }.bytes.count
}
sums.append(
  measure("Attune, scan and read 8 members") {
    events.reduce(0) { sum, event in sum + readMembers(requireRead { try JSONDocument(parsing: event) }.root) }
  })
sums.append(
  measure("Attune, one batch body, read 8 members each", bytes: batch.count) {
    requireRead { try JSONDocument(parsing: batch) }.root["batch"]?.elements.reduce(0) { $0 + readMembers($1) } ?? 0
  })
_ = measure("simdjson DOM, parse") { simdjson { csimdjson_parse($0, $1, $2) } }
sums.append(measure("simdjson DOM, parse and read 8 members") { simdjson { csimdjson_dom($0, $1, $2) } })
sums.append(measure("simdjson On-Demand, read 8 members") { simdjson { csimdjson_ondemand($0, $1, $2) } })
sums.append(
  measure("Foundation JSONSerialization, read 8 members", rounds: 40) {
    datas.reduce(0) { sum, data in
      let root = requireRead { try JSONSerialization.jsonObject(with: data) } as? [String: Any] ?? [:]
      var length = 0
      for name in ["messageId", "type", "event", "userId", "anonymousId", "timestamp"] {
        length += (root[name] as? String)?.utf8.count ?? 0
      }
      length += ((root["properties"] as? [String: Any])?["product_id"] as? String)?.utf8.count ?? 0
      length += ((root["context"] as? [String: Any])?["timezone"] as? String)?.utf8.count ?? 0
      return sum + length
    }
  })
let decoder = JSONDecoder()
sums.append(
  measure("Foundation JSONDecoder, 8 members", rounds: 40) {
    datas.reduce(0) { sum, data in
      let wire = requireRead { try decoder.decode(Wire.self, from: data) }
      let texts = [
        wire.messageId, wire.type, wire.event, wire.userId, wire.anonymousId, wire.timestamp,
        wire.properties.product_id,
        wire.context.timezone,
      ]
      return sum + texts.reduce(0) { $0 + $1.utf8.count }
    }
  })
precondition(Set(sums.compactMap(\.self)).count <= 1, "the readers disagree: \(sums)")
