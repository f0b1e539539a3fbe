import Documents
import Primitives

/// What a feature reads of an event: the `of` and `by` of definitions.
enum FeatureField: Sendable, Hashable {
  // Of the act
  case value, quantity, query, item, category, tag, price, margin
  /// A value within the item's attributes.
  case attribute([String])
  // Of the event
  case property([String])
  case name, device, os, region, locale, referrer, campaign, hour, weekday, channel

  private static let plain: [(text: String, field: FeatureField)] = [
    ("value", .value), ("quantity", .quantity), ("query", .query), ("item", .item), ("item.category", .category),
    ("item.tag", .tag), ("item.price", .price), ("item.margin", .margin), ("event", .name), ("device", .device),
    ("os", .os),
    ("region", .region), ("locale", .locale), ("referrer", .referrer), ("campaign", .campaign), ("hour", .hour),
    ("weekday", .weekday), ("channel", .channel),
  ]

  private static let openPrefixes = ["item.attributes.", "property."]

  /// As definitions write it: `value`, `item.category`, `item.attributes.brand`, `property.plan`.
  init(_ node: DocumentNode, as purpose: Purpose) throws(DocumentError) {
    let text = try node.nonEmptyString()
    let field: FeatureField
    if let known = Self.plain.first(where: { $0.text == text }) {
      field = known.field
    } else if let path = Self.path(text, after: Self.openPrefixes[0]) {
      field = .attribute(path)
    } else if let path = Self.path(text, after: Self.openPrefixes[1]) {
      field = .property(path)
    } else {
      let words = Self.plain.filter { purpose.accepts($0.field) }.map(\.text)
      throw node.error(
        "found '\(text)', expected one of \(words.joined(separator: ", ")), item.attributes.NAME or property.NAME",
        suggestion: nearestWord(to: text, among: words))
    }
    guard purpose.accepts(field) else { throw node.error("'\(text)' is no \(purpose.rawValue)") }
    self = field
  }

  /// What a field is read for.
  enum Purpose: String {
    case number = "number to add up"
    case key = "text to count by"

    func accepts(_ field: FeatureField) -> Bool {
      switch field {
      case .attribute, .property, .hour, .weekday: true
      case .value, .quantity, .price, .margin: self == .number
      default: self == .key
      }
    }
  }

  /// Whether it differs between the acts of one event; such features count acts, the others events.
  var isOfAct: Bool {
    switch self {
    case .value, .quantity, .query, .item, .category, .tag, .price, .margin, .attribute: true
    default: false
    }
  }

  var text: String {
    switch self {
    case .attribute(let path): Self.openPrefixes[0] + path.joined(separator: ".")
    case .property(let path): Self.openPrefixes[1] + path.joined(separator: ".")
    default: Self.plain.first { $0.field == self }?.text ?? ""
    }
  }

  private static func path(_ text: String, after prefix: String) -> [String]? {
    guard text.hasPrefix(prefix) else { return nil }
    let names = text.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    return names.allSatisfy { !$0.isEmpty } ? names : nil
  }
}
