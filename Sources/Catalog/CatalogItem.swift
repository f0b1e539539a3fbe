public import Primitives

/// Something that can be shown: a product, an article, a film. Only the id is sure; what is absent is unknown.
public struct CatalogItem: Sendable, Hashable {
  /// 1 to 256 bytes.
  public var id: String
  /// At most 1 KiB.
  public var title: String?
  /// At most 64 KiB.
  public var text: String?
  /// Names, most important first, without repeats; at most 64.
  public var categories: [String]
  /// At most 64.
  public var tags: [String]
  /// Money for one unit, at least 0, in `currency`.
  public var price: Double?
  /// ISO 4217, three upper-case letters.
  public var currency: String?
  /// Money earned with one unit; negative when it is sold below cost.
  public var margin: Double?
  public var isAvailable: Bool
  /// Units at hand; nil is not counted.
  public var stock: Int?
  /// Where it may be shown; empty is everywhere. At most 64.
  public var regions: [String]
  /// Youngest age in years to which it may be shown, 0 to 120; a person of unknown age counts as too young.
  public var ageMin: Int?
  public var publishedAt: Timestamp?
  /// What else is known, at most 32 KiB packed and 8 levels deep.
  public var attributes: JSONObject
  /// Position in the log of the change that made it so.
  public var revision: UInt64

  public init(
    id: String, title: String? = nil, text: String? = nil, categories: [String] = [], tags: [String] = [],
    price: Double? = nil, currency: String? = nil, margin: Double? = nil, isAvailable: Bool = true,
    stock: Int? = nil, regions: [String] = [], ageMin: Int? = nil, publishedAt: Timestamp? = nil,
    attributes: JSONObject = JSONObject(), revision: UInt64 = 0
  ) {
    self.id = id
    self.title = title
    self.text = text
    self.categories = categories
    self.tags = tags
    self.price = price
    self.currency = currency
    self.margin = margin
    self.isAvailable = isAvailable
    self.stock = stock
    self.regions = regions
    self.ageMin = ageMin
    self.publishedAt = publishedAt
    self.attributes = attributes
    self.revision = revision
  }
}

extension CatalogItem {
  /// Writes the item as `GET /v1/catalog/items/{id}` answers it; what is unknown is null, and the whole can be sent back
  /// with `PUT`.
  public func write(to writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("item_id", id)
      writer.member("title", title)
      writer.member("text", text)
      Self.write(categories, as: "categories", to: &writer)
      Self.write(tags, as: "tags", to: &writer)
      writer.member("price", price)
      writer.member("currency", currency)
      writer.member("margin", margin)
      writer.member("available", isAvailable)
      Self.write(stock, as: "stock", to: &writer)
      Self.write(regions, as: "regions", to: &writer)
      Self.write(ageMin, as: "age_min", to: &writer)
      writer.member("published_at", publishedAt?.description)
      writer.member("attributes", .object(attributes))
      writer.member("revision", Int64(clamping: revision))
    }
  }

  private static func write(_ names: [String], as key: String, to writer: inout JSONWriter) {
    writer.member(key, array: { writer in for name in names { writer.string(name) } })
  }

  private static func write(_ number: Int?, as key: String, to writer: inout JSONWriter) {
    writer.key(key)
    if let number { writer.int(Int64(number)) } else { writer.null() }
  }
}
