import Documents
import Foundation
import Interchange
import Primitives

/// Every record of a reader.
func records(_ reader: some ImportReader) throws -> [ImportRecord] {
  var reader = reader
  var found: [ImportRecord] = []
  while let record = try reader.next() { found.append(record) }
  return found
}

extension ImportRecord {
  /// The event or item, nil for a bad line.
  var json: JSONValue? {
    switch content {
    case .event(let bytes), .item(let bytes): try? JSONDocument(parsing: bytes).root.value
    case .bad: nil
    }
  }

  var reason: String? { if case .bad(let reason, _) = content { reason } else { nil } }
}

/// A folder that lives as long as the test.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "attune-interchange-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  @discardableResult
  func write(_ name: String, _ text: String, encoding: String.Encoding = .utf8) throws -> String {
    let file = "\(path)/\(name)"
    try (text.data(using: encoding) ?? Data()).write(to: URL(fileURLWithPath: file))
    return file
  }
}
