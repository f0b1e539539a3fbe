import Catalog
import Events
import Features
import Models
import Primitives
import Testing

@Suite struct ContentSimilarityTests {
  static func catalog(_ items: [CatalogItem]) throws -> ItemCatalog {
    var catalog = ItemCatalog()
    for (index, item) in items.enumerated() { try catalog.apply(.upsert(item), revision: UInt64(index) + 1) }
    return catalog
  }

  static func model(_ catalog: ItemCatalog, in order: some Sequence<Int>) -> ContentSimilarity {
    var model = ContentSimilarity()
    for number in order { model.fold(changed: items([number])[0], catalog: catalog) }
    return model
  }

  static func similar(_ catalog: ItemCatalog, to item: Int) -> [Int] {
    model(catalog, in: 0..<catalog.ordinalCount)
      .candidates(for: query(similarTo: [item]), catalog: catalog, limit: 99).map { Int($0.item.rawValue) }
  }

  static func brand(_ name: String) -> JSONObject { JSONObject(members: [.init(key: "brand", value: .string(name))]) }

  @Test(
    arguments: [
      // Item 1 is more like item 0 than item 2 is; items 3 … make the words of both unlike each other in rarity.
      (
        CatalogItem(id: "0", categories: ["a"]), CatalogItem(id: "1", categories: ["a"]),
        CatalogItem(id: "2", categories: ["b"])
      ),
      (
        CatalogItem(id: "0", title: "red shoe", categories: ["a"]),
        CatalogItem(id: "1", title: "blue", categories: ["a"]),
        CatalogItem(id: "2", title: "red shoe sale")
      ),
      (
        CatalogItem(id: "0", title: "running"), CatalogItem(id: "1", title: "Runs"),
        CatalogItem(id: "2", title: "runway")
      ),
      (
        CatalogItem(id: "0", tags: ["Vegan"]), CatalogItem(id: "1", tags: ["vegan"]),
        CatalogItem(id: "2", text: "vegan")
      ),
      (
        CatalogItem(id: "0", attributes: brand("Acme")), CatalogItem(id: "1", attributes: brand("ACME")),
        CatalogItem(id: "2", attributes: JSONObject(members: [.init(key: "label", value: .string("Acme"))]))
      ),
      (
        CatalogItem(id: "0", title: "lamp", text: "a lamp of glass"), CatalogItem(id: "1", title: "lamp of glass"),
        CatalogItem(id: "2", text: "glass of milk")
      ),
      (
        CatalogItem(id: "0", price: 10, currency: "EUR"), CatalogItem(id: "1", price: 11, currency: "EUR"),
        CatalogItem(id: "2", price: 90, currency: "EUR")
      ),
    ] as [(CatalogItem, CatalogItem, CatalogItem)])
  func `what shares more and weightier properties is more alike`(
    one: CatalogItem, near: CatalogItem, far: CatalogItem
  ) throws {
    let catalog = try Self.catalog([one, near, far])
    #expect(Self.similar(catalog, to: 0).first == 1)
  }

  @Test func `what is rare binds more than what is common`() throws {
    let crowd = (3..<40).map { CatalogItem(id: "\($0)", categories: ["common"]) }
    let catalog = try Self.catalog(
      [
        CatalogItem(id: "0", categories: ["common", "rare"]), CatalogItem(id: "1", categories: ["other", "rare"]),
        CatalogItem(id: "2", categories: ["common", "another"]),
      ] + crowd)
    let scores = Self.model(catalog, in: 0..<40).scores(
      of: items([1, 2]), for: query(similarTo: [0]), catalog: catalog)
    #expect(scores[0] > 2 * scores[1])
  }

  @Test func `an item like no other in words alone is found through them`() throws {
    let catalog = try shop()
    let similar = Self.similar(catalog, to: 0)
    #expect(Set(similar.prefix(8)).isSubset(of: Set(stride(from: 7, to: 60, by: 7))))
    #expect(!similar.contains(0))
  }

  @Test func `dislikes count against, and an item does not speak for itself`() throws {
    let catalog = try shop()
    let model = Self.model(catalog, in: 0..<60)
    func scores(_ history: [Interaction]) -> [Float] {
      model.scores(of: items(0..<60), for: query(history), catalog: catalog)
    }
    let liked = scores([act(0, .purchase)])
    #expect(liked[0] < 1e-5)
    #expect(liked[35] > 0.5)
    let mixed = scores([act(0, .purchase), act(1, .dismiss)])
    #expect(mixed[35] > 0.3)
    #expect(mixed[36] == 0)
    #expect(scores([act(0, .dismiss)]).allSatisfy { $0 == 0 })
    #expect(scores([act(0), act(0, .dismiss)])[35] == 0)
  }

  @Test func `the index is a function of the catalogue, however it came about`() throws {
    var generator = SeededGenerator(seed: 9)
    var catalog = try shop()
    var model = Self.model(catalog, in: (0..<60).shuffled(using: &generator))
    for step in 0..<300 {
      let number = Int.random(in: 0..<60, using: &generator)
      if step % 5 == 0 {
        guard catalog.isListed(items([number])[0]) else { continue }
        try catalog.apply(try CatalogChange(deleting: "i\(number)"), revision: 100)
      } else {
        let item = CatalogItem(
          id: "i\(number)", title: "Thing \(step % 9)", text: "of kind \(step % 4)", categories: ["c\(step % 6)"])
        try catalog.apply(.upsert(item), revision: 100)
      }
      model.fold(changed: items([number])[0], catalog: catalog)
    }
    let rebuilt = Self.model(catalog, in: 0..<60)
    for number in 0..<60 {
      let question = query([act(number), act((number + 7) % 60, .purchase), act((number + 9) % 60, .dismiss)])
      #expect(
        model.candidates(for: question, catalog: catalog, limit: 20)
          == rebuilt.candidates(for: question, catalog: catalog, limit: 20))
      #expect(
        model.scores(of: items(0..<60), for: question, catalog: catalog)
          == rebuilt.scores(of: items(0..<60), for: question, catalog: catalog))
    }
  }

  @Test(
    arguments: [
      (
        CatalogItem(id: "0", categories: ["x", "Shoes"]), CatalogItem(id: "1", categories: ["Shoes"]), "category Shoes"
      ),
      (CatalogItem(id: "0", tags: ["new"]), CatalogItem(id: "1", tags: ["old", "new"]), "tag new"),
      (CatalogItem(id: "0", attributes: brand("Acme")), CatalogItem(id: "1", attributes: brand("Acme")), "brand Acme"),
      (CatalogItem(id: "0", title: "Tea pot"), CatalogItem(id: "1", title: "Coffee pot"), nil),
    ] as [(CatalogItem, CatalogItem, String?)])
  func `a reason names the liked item and what both share`(
    one: CatalogItem, other: CatalogItem, detail: String?
  ) throws {
    let catalog = try Self.catalog([one, other, CatalogItem(id: "2", title: "Lamp")])
    let model = Self.model(catalog, in: 0..<3)
    let reason = model.reason(for: items([1])[0], query: query([act(2), act(0, .purchase)]), catalog: catalog)
    #expect(reason == ModelReason(code: "similar_content", because: items([0])[0], detail: detail))
    #expect(model.reason(for: items([1])[0], query: query([act(2)]), catalog: catalog) == nil)
  }

  @Test func `an item of many words and properties is bounded`() throws {
    let words = (0..<20_000).map { "word\($0)" }.joined(separator: " ")
    let many = JSONObject(members: (0..<2_000).map { .init(key: "k\($0)", value: .string("v")) })
    let catalog = try Self.catalog([
      CatalogItem(id: "0", text: words, attributes: many), CatalogItem(id: "1", text: words, attributes: many),
    ])
    #expect(Self.similar(catalog, to: 0) == [1])
  }
}
