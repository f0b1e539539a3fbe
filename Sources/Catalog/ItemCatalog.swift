public import Primitives

/// All items of a workspace: those that were put into the catalogue, and those only heard of in events, which have an
/// ordinal and nothing else.
///
/// A plain value, folded from the log's catalogue changes. What a decision asks of an item (`facts`, `categories`,
/// `regions`) is found by ordinal without touching text; the rest of the item is kept packed and read when asked for.
///
/// Memory for one item: 48 bytes of facts, about 45 for id and order, and the packed text: a million items of 300 bytes
/// take about 500 MB.
public struct ItemCatalog: Sendable {
  var ids = ItemIDTable()
  var facts: [CatalogFacts] = []
  var packed: [PackedItem?] = []
  private var order = ItemOrder()
  private var newest = NewestItems()
  private var categoryNames = NameTable()
  /// Case-folded, since senders write `CH` and `ch`.
  private var regionNames = NameTable()
  private var lists = InternedLists()
  /// Ordinals that changed since the last checkpoint.
  var unsaved: [UInt32] = []
  var isUnsaved: [Bool] = []

  /// How many items the catalogue holds, those only heard of not counted.
  public private(set) var count = 0
  /// Position in the log of the last change; 0 before the first.
  public internal(set) var revision: UInt64 = 0

  public init() {}

  /// Whether nothing was ever put in, or all of it was deleted. Only then items may be shown that are only heard of.
  public var isEmpty: Bool { count == 0 }

  /// Ordinals given so far: those below this are valid.
  public var ordinalCount: Int { facts.count }

  // MARK: Ids and ordinals

  /// The item's ordinal; a new one when it was never heard of.
  /// - Complexity: O(1) expected, about 50 ns.
  public mutating func intern(_ id: String) -> ItemOrdinal {
    let ordinal = ids.intern(id)
    if Int(ordinal) == facts.count {
      facts.append(.unlisted)
      packed.append(nil)
      isUnsaved.append(false)
      markUnsaved(ordinal)
    }
    return ItemOrdinal(ordinal)
  }

  /// Items that are only heard of, or were deleted.
  public var unlistedCount: Int { ordinalCount - count }

  public func ordinal(of id: String) -> ItemOrdinal? { ids.ordinal(of: id).map { ItemOrdinal($0) } }
  /// The ordinals of those ids that were ever heard of, in the order of `ids`.
  /// - Complexity: O(ids) expected, about 50 ns each.
  public func ordinals(of ids: [String]) -> [ItemOrdinal] {
    self.ids.ordinals(of: ids).compactMap { $0.map { ItemOrdinal($0) } }
  }

  public func id(of ordinal: ItemOrdinal) -> String { ids.id(of: ordinal.rawValue) }

  // MARK: What is known of an item

  /// - Complexity: O(1), one cache line.
  @inline(__always)
  public func facts(of ordinal: ItemOrdinal) -> CatalogFacts { facts[ordinal.index] }

  /// Whether the catalogue holds it.
  public func isListed(_ ordinal: ItemOrdinal) -> Bool { facts[ordinal.index].isListed }

  /// Numbers of the item's categories, most important first. A number is good for this value's life and never stored.
  /// - Complexity: O(1), nothing is copied.
  @inline(__always)
  public func categories(of ordinal: ItemOrdinal) -> [UInt32] { lists[facts[ordinal.index].categoryList] }

  /// The number of the item's first category.
  @inline(__always)
  public func leadingCategory(of ordinal: ItemOrdinal) -> UInt32? { lists[facts[ordinal.index].categoryList].first }

  /// Categories that any item has or had; numbers only grow.
  public var categoryCount: Int { categoryNames.names.count }
  public func categoryName(_ number: UInt32) -> String { categoryNames.names[Int(number)] }
  public func categoryNumber(of name: String) -> UInt32? { categoryNames.number(of: name) }

  /// Numbers of the regions that the item is limited to; empty is everywhere.
  @inline(__always)
  public func regions(of ordinal: ItemOrdinal) -> [UInt32] { lists[facts[ordinal.index].regionList] }

  /// The number of a person's region, whatever its case; nil when no item names it.
  public func regionNumber(of name: String) -> UInt32? { regionNames.number(of: name.lowercased()) }

  /// The whole item, read from its packed form; nil when the catalogue does not hold it.
  /// - Complexity: O(bytes), about 1 µs.
  public func item(_ ordinal: ItemOrdinal) -> CatalogItem? {
    guard let packed = packed[ordinal.index] else { return nil }
    return packed.item(id: id(of: ordinal), revision: facts[ordinal.index].revision)
  }

  /// The item's title, found without reading the rest; nil when there is none.
  public func title(of ordinal: ItemOrdinal) -> String? { packed[ordinal.index]?.title }

  /// The currency of the item's price and margin, found without reading the rest; nil when there is none.
  public func currency(of ordinal: ItemOrdinal) -> String? { packed[ordinal.index]?.currency }

  /// The item's tags and attributes, read without its texts; nil when the catalogue does not hold it.
  public func labels(of ordinal: ItemOrdinal) -> (tags: [String], attributes: JSONObject)? {
    packed[ordinal.index]?.labels
  }

  public func item(id: String) -> CatalogItem? { ordinal(of: id).flatMap { item($0) } }

  /// One value of the item's attributes, found without reading the rest; nil when there is none.
  /// - Parameter path: Names from the outside in: `["size", "width"]`.
  public func attribute(at path: some Collection<String>, of ordinal: ItemOrdinal) -> JSONValue? {
    packed[ordinal.index]?.attribute(at: path)
  }

  // MARK: Changes

  /// Whether `apply` would make the change; call it before the change is written into the log.
  public func check(_ change: CatalogChange) throws(CatalogRefusal) {
    switch change {
    case .upsert: break
    case .patch(let id, let patch):
      guard let item = item(id: id) else { throw CatalogRefusal.unknownItem(id) }
      _ = try patch.applied(to: item)
    case .delete(let id):
      guard let ordinal = ordinal(of: id), isListed(ordinal) else { throw CatalogRefusal.unknownItem(id) }
    }
  }

  /// Folds one change.
  /// - Parameter revision: The change's position in the log.
  /// - Returns: The item that changed.
  /// - Throws: When a patch or deletion names an item that the catalogue does not hold, or a patch would make the item
  ///   invalid; nothing has changed then.
  /// - Complexity: O(bytes + log items).
  @discardableResult
  public mutating func apply(_ change: CatalogChange, revision: UInt64) throws(CatalogRefusal) -> ItemOrdinal {
    let ordinal: ItemOrdinal
    switch change {
    case .upsert(let id, let item):
      ordinal = intern(id)
      put(item, at: ordinal, revision: revision)
    case .patch(let id, let patch):
      guard let known = self.ordinal(of: id), let item = item(known) else { throw CatalogRefusal.unknownItem(id) }
      ordinal = known
      put(PackedItem(try patch.applied(to: item)), at: ordinal, revision: revision)
    case .delete(let id):
      guard let known = self.ordinal(of: id), isListed(known) else { throw CatalogRefusal.unknownItem(id) }
      ordinal = known
      takeOut(ordinal, revision: revision)
    }
    self.revision = max(self.revision, revision)
    markUnsaved(ordinal.rawValue)
    return ordinal
  }

  mutating func put(_ newItem: PackedItem, at ordinal: ItemOrdinal, revision: UInt64) {
    var item = newItem.head
    item.revision = revision
    let categories = lists.retain(item.categories.map { categoryNames.intern($0) })
    let regions = lists.retain(item.regions.map { regionNames.intern($0.lowercased()) })
    let old = facts[ordinal.index]
    lists.release(old.categoryList)
    lists.release(old.regionList)
    facts[ordinal.index] = CatalogFacts(item, categoryList: categories, regionList: regions)
    packed[ordinal.index] = newItem
    noteAge(of: ordinal, before: old)
    if !old.isListed {
      order.insert(ordinal.rawValue, ids: ids)
      count += 1
    }
  }

  mutating func takeOut(_ ordinal: ItemOrdinal, revision: UInt64) {
    let old = facts[ordinal.index]
    lists.release(old.categoryList)
    lists.release(old.regionList)
    facts[ordinal.index] = .unlisted
    facts[ordinal.index].revision = revision
    packed[ordinal.index] = nil
    noteAge(of: ordinal, before: old)
    if old.isListed {
      order.remove(ordinal.rawValue, ids: ids)
      count -= 1
    }
  }

  private mutating func noteAge(of ordinal: ItemOrdinal, before old: CatalogFacts) {
    let new = facts[ordinal.index]
    guard old.publishedAt != new.publishedAt else { return }
    if let published = old.publishedAt { newest.remove(ordinal.rawValue, publishedAt: published.microseconds) }
    if let published = new.publishedAt { newest.insert(ordinal.rawValue, publishedAt: published.microseconds) }
    guard newest.isShort else { return }
    newest = NewestItems()
    for (index, item) in facts.enumerated() {
      if let published = item.publishedAt { newest.insert(UInt32(index), publishedAt: published.microseconds) }
    }
  }

  // MARK: Listing

  /// The items published last, newest first: of the 256 newest, scheduled ones included, those published after `after` and
  /// not after `upTo`.
  public func newest(_ limit: Int, after: Timestamp?, upTo: Timestamp) -> [ItemOrdinal] {
    newest.ordinals(limit, after: after?.microseconds ?? .min, upTo: upTo.microseconds).map { ItemOrdinal($0) }
  }

  /// Items in the order of their ids (by bytes), at most `limit`, after `id`; from the first when that is nil. The id that
  /// a page ends with is the cursor of the next, also when that item has been deleted meanwhile.
  /// - Complexity: O(log items + page).
  public func items(after id: String? = nil, limit: Int) -> [CatalogItem] {
    ordinals(after: id, limit: limit).compactMap { item($0) }
  }

  /// As `items(after:limit:)`, without reading the items.
  public func ordinals(after id: String? = nil, limit: Int) -> [ItemOrdinal] {
    order.ordinals(after: id, limit: limit, ids: ids).map { ItemOrdinal($0) }
  }
}
