import Primitives

/// A JSON value as an indented outline for people: short values on one line, lists of them too.
struct OutlineText {
  private static let widthMax = 100
  let terminal: Terminal

  func lines(of value: JSONValue, indent: Int = 0) -> [String] {
    let space = String(repeating: " ", count: indent)
    guard let object = value.object else { return [space + plain(value)] }
    let width = object.members.map(\.key.count).max() ?? 0
    return object.members.flatMap { member -> [String] in
      let name = terminal.styled(member.key, .cyan)
      if let inline = inline(member.value) {
        return ["\(space)\(name)\(String(repeating: " ", count: width - member.key.count))  \(inline)"]
      }
      if let elements = member.value.array {
        return ["\(space)\(name)"]
          + elements.flatMap { element in
            inline(element).map { ["\(space)  \($0)"] } ?? lines(of: element, indent: indent + 2) + [""]
          }
      }
      return ["\(space)\(name)"] + lines(of: member.value, indent: indent + 2)
    }
  }

  /// The value on one line; nil when it is too much for one.
  private func inline(_ value: JSONValue) -> String? {
    switch value {
    case .array(let elements):
      if elements.isEmpty { return "none" }
      let parts = elements.map { element -> String? in
        if case .object = element { return nil }
        return inline(element)
      }
      guard !parts.contains(nil) else { return nil }
      let text = parts.compactMap(\.self).joined(separator: ", ")
      return text.count <= Self.widthMax ? text : nil
    case .object(let object):
      if object.isEmpty { return "none" }
      let parts = object.members.map { member in inline(member.value).map { "\(member.key) \($0)" } }
      guard object.count <= 6, !parts.contains(nil) else { return nil }
      let text = parts.compactMap(\.self).joined(separator: ", ")
      return text.count <= Self.widthMax ? text : nil
    default: return plain(value)
    }
  }

  private func plain(_ value: JSONValue) -> String {
    switch value {
    case .null: "–"
    case .string(let text): text
    case .double(let number): number.shortText
    default: value.text
    }
  }
}
