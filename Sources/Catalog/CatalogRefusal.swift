/// Why a change of the catalogue was not made; the sender must change it.
public struct CatalogRefusal: Error, Hashable, CustomStringConvertible {
  public enum Code: String, Sendable, CaseIterable {
    case missingField = "missing_field"
    case wrongType = "wrong_type"
    case invalidValue = "invalid_value"
    case outOfRange = "out_of_range"
    case tooLarge = "too_large"
    case tooDeep = "too_deep"
    case unknownField = "unknown_field"
    case unknownItem = "unknown_item"
  }

  public let code: Code
  /// What was found, what was expected and what to try.
  public let message: String
  /// The member at fault: `price`, `categories[2]`; nil when it is the whole.
  public let field: String?

  public init(code: Code, message: String, field: String? = nil) {
    self.code = code
    self.message = message
    self.field = field
  }

  public var description: String { message }

  static func unknownItem(_ id: String) -> CatalogRefusal {
    CatalogRefusal(
      code: .unknownItem, message: "the catalogue does not hold an item '\(id.prefix(64))'", field: "item_id")
  }
}
