import Events
import Primitives

/// Finds out whether a text names somebody, where no parser says whom it is about.
///
/// In JSON every text counts that is an identifier's value, and every number under a member whose name ends in `id`; in
/// anything else the value as it is written, short ones only within quotes. So a short identifier may be found where it means
/// something else: for what was refused anyway, that is the safer side.
struct NameSearch: Sendable {
  private static let bareBytesMin = 6

  private let values: Set<String>
  private let needles: [[UInt8]]

  init(_ identifiers: [Identifier]) {
    values = Set(identifiers.map(\.value))
    needles = values.map { $0.utf8.count < Self.bareBytesMin ? Array("\"\($0)\"".utf8) : Array($0.utf8) }
  }

  func isNamed(in text: [UInt8]) -> Bool {
    if let document = try? JSONDocument(parsing: text) { return isNamed(in: document.root) }
    return needles.contains { text.firstRange(of: $0) != nil }
  }

  func isNamed(in view: JSONView) -> Bool { isNamed(in: view, under: "") }

  private func isNamed(in view: JSONView, under name: String) -> Bool {
    if let text = view.string { return values.contains(text) }
    if view.isNumber {
      return name.lowercased().hasSuffix("id") && values.contains(String(decoding: view.rawBytes, as: UTF8.self))
    }
    if view.isArray { return view.elements.contains { isNamed(in: $0, under: name) } }
    return view.isObject && view.members.contains { isNamed(in: $0.value, under: $0.key) }
  }
}
