public import Primitives

/// What eligibility and scoring ask of an item, in one cache line: 48 bytes, no text.
public struct CatalogFacts: Sendable, Hashable {
  private var priceOrNaN: Double
  private var marginOrNaN: Double
  private var publishedOrMin: Int64
  /// Position in the log of the item's last change; 0 for one that no change ever named.
  public internal(set) var revision: UInt64
  private var stockOrNegative: Int32
  var categoryList: UInt32
  var regionList: UInt32
  private var ageMinByte: UInt8
  private var flags: UInt8

  /// An item that the catalogue does not hold: only heard of, or deleted.
  static let unlisted = CatalogFacts()

  private init() {
    priceOrNaN = .nan
    marginOrNaN = .nan
    publishedOrMin = .min
    revision = 0
    stockOrNegative = -1
    categoryList = 0
    regionList = 0
    ageMinByte = 0
    flags = 0
  }

  init(_ item: CatalogItem, categoryList: UInt32, regionList: UInt32) {
    priceOrNaN = item.price ?? .nan
    marginOrNaN = item.margin ?? .nan
    publishedOrMin = item.publishedAt?.microseconds ?? .min
    revision = item.revision
    stockOrNegative = item.stock.map { Int32(clamping: $0) } ?? -1
    self.categoryList = categoryList
    self.regionList = regionList
    ageMinByte = UInt8(clamping: item.ageMin ?? 0)
    flags = 1 | (item.isAvailable ? 2 : 0)
  }

  /// The catalogue holds it.
  public var isListed: Bool { flags & 1 != 0 }
  public var isAvailable: Bool { flags & 2 != 0 }
  /// Youngest age in years; 0 is no limit.
  public var ageMin: Int { Int(ageMinByte) }
  /// Units at hand; nil is not counted.
  public var stock: Int? { stockOrNegative < 0 ? nil : Int(stockOrNegative) }
  public var isOutOfStock: Bool { stockOrNegative == 0 }
  public var price: Double? { priceOrNaN.isNaN ? nil : priceOrNaN }
  /// Money for one unit.
  public var margin: Double? { marginOrNaN.isNaN ? nil : marginOrNaN }
  public var publishedAt: Timestamp? { publishedOrMin == .min ? nil : Timestamp(microseconds: publishedOrMin) }
  public var isLimitedToRegions: Bool { regionList != 0 }

  public static func == (left: Self, right: Self) -> Bool {
    (left.price, left.margin, left.publishedOrMin, left.revision, left.stockOrNegative)
      == (right.price, right.margin, right.publishedOrMin, right.revision, right.stockOrNegative)
      && (left.categoryList, left.regionList, left.ageMinByte, left.flags)
        == (right.categoryList, right.regionList, right.ageMinByte, right.flags)
  }
}
