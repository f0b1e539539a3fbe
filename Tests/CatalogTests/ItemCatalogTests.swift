import Catalog
import Primitives
import Testing

@Suite struct ItemCatalogTests {
  static func catalog(_ items: [CatalogItem]) throws -> ItemCatalog {
    var catalog = ItemCatalog()
    for (index, item) in items.enumerated() { try catalog.apply(.upsert(item), revision: UInt64(index) + 1) }
    return catalog
  }

  @Test func `an id has one ordinal, given in order of first hearing`() throws {
    var catalog = ItemCatalog()
    let ids = (0..<5_000).map { "item-\($0 % 7)-\($0)" } + ["é", "e\u{301}", "", String(repeating: "x", count: 256)]
    for (index, id) in ids.enumerated() { #expect(catalog.intern(id).index == index) }
    for (index, id) in ids.enumerated() {
      #expect(catalog.intern(id).index == index)
      #expect(catalog.ordinal(of: id)?.index == index)
      #expect(Array(catalog.id(of: ItemOrdinal(UInt32(index))).utf8) == Array(id.utf8))
    }
    #expect(catalog.ordinal(of: "unheard") == nil)
    #expect(catalog.ordinalCount == ids.count)
  }

  @Test func `an item only heard of has an ordinal and nothing else`() throws {
    var catalog = ItemCatalog()
    let heard = catalog.intern("heard")
    #expect(catalog.isEmpty)
    #expect(!catalog.isListed(heard))
    #expect(catalog.item(heard) == nil)
    #expect(catalog.items(limit: 10) == [])
    #expect(try catalog.apply(.upsert(CatalogItem(id: "heard")), revision: 4) == heard)
    #expect(catalog.isListed(heard))
    #expect(catalog.count == 1)
    #expect(catalog.revision == 4)
  }

  @Test func `items that are only heard of are counted, until the catalogue holds them`() throws {
    var catalog = try Self.catalog([CatalogItem(id: "listed-1"), CatalogItem(id: "listed-2")])
    #expect(catalog.unlistedCount == 0)
    _ = catalog.intern("a")
    _ = catalog.intern("b")
    #expect(catalog.unlistedCount == 2)
    try catalog.apply(.upsert(CatalogItem(id: "a")), revision: 3)
    #expect(catalog.unlistedCount == 1)
    try catalog.apply(.delete(id: "a"), revision: 4)
    #expect(catalog.unlistedCount == 2)
  }

  @Test func `facts say what the item says`() throws {
    let catalog = try Self.catalog([
      CatalogItem(
        id: "a", categories: ["Shoes", "Sale"], price: 9.5, margin: -2, isAvailable: false, stock: 0,
        regions: ["CH", "DE"], ageMin: 18, publishedAt: Timestamp(seconds: 5)),
      CatalogItem(id: "b", categories: ["Sale"], stock: 4),
    ])
    let a = catalog.facts(of: ItemOrdinal(0))
    let b = catalog.facts(of: ItemOrdinal(1))
    #expect((a.price, a.margin, a.stock, a.ageMin) == (9.5, -2, 0, 18))
    #expect((a.isAvailable, a.isOutOfStock, a.isLimitedToRegions) == (false, true, true))
    #expect((a.publishedAt, a.revision) == (Timestamp(seconds: 5), 1))
    #expect((b.price, b.margin, b.stock, b.ageMin) == (nil, nil, 4, 0))
    #expect((b.isAvailable, b.isOutOfStock, b.isLimitedToRegions) == (true, false, false))
    #expect(b.publishedAt == nil)
    #expect(catalog.categories(of: ItemOrdinal(0)).map(catalog.categoryName) == ["Shoes", "Sale"])
    #expect(catalog.categories(of: ItemOrdinal(1)) == [catalog.categoryNumber(of: "Sale")])
    #expect(catalog.regions(of: ItemOrdinal(0)).contains(try #require(catalog.regionNumber(of: "ch"))))
    #expect(catalog.regionNumber(of: "FR") == nil)
    #expect(MemoryLayout<CatalogFacts>.stride <= 48)
  }

  @Test func `a deleted item keeps its ordinal and can come back`() throws {
    var catalog = try Self.catalog([CatalogItem(id: "a", categories: ["x"]), CatalogItem(id: "b")])
    let a = try catalog.apply(try CatalogChange(deleting: "a"), revision: 9)
    #expect(catalog.item(a) == nil)
    #expect(catalog.facts(of: a).revision == 9)
    #expect(catalog.categories(of: a) == [])
    #expect(catalog.items(limit: 10).map(\.id) == ["b"])
    #expect(catalog.ordinal(of: "a") == a)
    #expect(try catalog.apply(.upsert(CatalogItem(id: "a")), revision: 10) == a)
    #expect(catalog.count == 2)
  }

  @Test(
    arguments: [
      (["size", "width"], .int(8)), (["size"], ["width": 8, "unit": "cm"]), (["price"], nil), (["size", "none"], nil),
      (["list", "width"], nil), (["last"], .double(0.5)),
    ] as [([String], JSONValue?)])
  func `one attribute is found without the others`(path: [String], expected: JSONValue?) throws {
    let text = #"{"list":[1,[2],{"width":3}],"size":{"width":8,"unit":"cm"},"no":null,"f":false,"last":0.5}"#
    let attributes = try #require(JSONValue(parsing: text).object)
    let catalog = try Self.catalog([
      CatalogItem(id: "a", title: "t", text: "x", categories: ["c"], tags: ["d"], price: 1, attributes: attributes)
    ])
    #expect(catalog.attribute(at: path, of: ItemOrdinal(0)) == expected)
  }

  @Test func `pages go through all items once in the order of their ids`() throws {
    var generator = SeededGenerator(seed: 11)
    let ids = (0..<3_000).map { "\($0 % 13)/\($0)" }.shuffled(using: &generator)
    var catalog = try Self.catalog(ids.map { CatalogItem(id: $0) })
    for id in ids where id.hasSuffix("7") { try catalog.apply(try CatalogChange(deleting: id), revision: 9_999) }
    let expected = ids.filter { !$0.hasSuffix("7") }.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
    for limit in [1, 7, 512, 5_000] {
      var found: [String] = []
      var cursor: String?
      while true {
        let page = catalog.items(after: cursor, limit: limit)
        if page.isEmpty { break }
        #expect(page.count <= limit)
        found += page.map(\.id)
        cursor = page.last?.id
      }
      #expect(found == expected)
    }
  }

  @Test(
    arguments: [
      (nil, 0, []), (nil, 2, ["b", "d"]), ("a", 2, ["b", "d"]), ("b", 2, ["d", "f"]), ("c", 9, ["d", "f"]),
      ("f", 1, []), ("zzz", 1, []), ("", 1, ["b"]),
    ] as [(String?, Int, [String])])
  func `a cursor need not be an item`(cursor: String?, limit: Int, expected: [String]) throws {
    let catalog = try Self.catalog(["d", "b", "f"].map { CatalogItem(id: $0) })
    #expect(catalog.items(after: cursor, limit: limit).map(\.id) == expected)
    #expect(ItemCatalog().items(after: cursor, limit: limit) == [])
  }

  @Test func `a checkpoint brings the catalogue back, implicit and deleted items too`() throws {
    var catalog = ItemCatalog()
    var saved: [[UInt8]: [UInt8]] = [:]
    var generator = SeededGenerator(seed: 5)
    for round in 0..<6 {
      for step in 0..<200 {
        let id = "i\(Int.random(in: 0..<300, using: &generator))"
        let revision = UInt64(round * 1_000 + step + 1)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: _ = catalog.intern(id)
        case 1: _ = try? catalog.apply(try CatalogChange(deleting: id), revision: revision)
        default:
          let item = CatalogItem(id: id, title: "t\(step)", categories: ["c\(step % 5)"], regions: ["R\(step % 3)"])
          try catalog.apply(.upsert(item), revision: revision)
        }
      }
      for change in catalog.takeChanges() { saved[change.key] = change.value }
      var restored = ItemCatalog()
      for key in saved.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        try restored.restore(key: key, value: try #require(saved[key]))
      }
      #expect(restored.takeChanges().isEmpty)
      #expect(restored.count == catalog.count)
      #expect(restored.revision == catalog.revision)
      #expect(restored.ordinalCount == catalog.ordinalCount)
      #expect(restored.items(limit: 1_000) == catalog.items(limit: 1_000))
      for ordinal in (0..<UInt32(catalog.ordinalCount)).map({ ItemOrdinal($0) }) {
        #expect(restored.id(of: ordinal) == catalog.id(of: ordinal))
        #expect(restored.item(ordinal) == catalog.item(ordinal))
        #expect(restored.facts(of: ordinal).revision == catalog.facts(of: ordinal).revision)
      }
    }
    #expect(catalog.takeChanges().isEmpty)
  }

  @Test func `records that are damaged or out of order are refused`() throws {
    var catalog = try Self.catalog([CatalogItem(id: "a"), CatalogItem(id: "b")])
    let changes = catalog.takeChanges()
    for change in changes.dropFirst() {
      let value = try #require(change.value)
      var other = ItemCatalog()
      #expect(throws: BinaryError.self) { try other.restore(key: [0, 0, 0, 9], value: value) }
      #expect(throws: BinaryError.self) { try other.restore(key: [1], value: value) }
      #expect(throws: BinaryError.self) { try other.restore(key: change.key, value: Array(value.dropLast())) }
    }
  }
}
