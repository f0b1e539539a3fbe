import AttuneTestKit
import Catalog
import Engine
import Primitives
import StorageSQLite
import Testing

@testable import Engine

@Suite struct CatalogueCallTests {
  private func item(_ id: String, price: Int64) throws -> CatalogChange {
    let text: JSONValue = ["item_id": .string(id), "title": "Thing", "price": .int(price)]
    return try CatalogChange(upserting: try JSONDocument(parsing: Array(text.text.utf8)).root)
  }

  private func patch(_ id: String, price: Int64) throws -> CatalogChange {
    let text: JSONValue = ["price": .int(price)]
    return try CatalogChange(patching: id, with: try JSONDocument(parsing: Array(text.text.utf8)).root)
  }

  @Test func `changes of one item in one call are judged one after the other`() async throws {
    let shop = try await PartitionFixture()
    let receipt = try await shop.partition.change([
      try item("new", price: 1), try patch("new", price: 2), CatalogChange(deleting: "new"),
      CatalogChange(deleting: "new"), try patch("new", price: 3), try item("new", price: 4), try patch("new", price: 5),
      try patch("never", price: 1),
    ])
    #expect(receipt.refused.map(\.index) == [3, 4, 7])
    #expect(try await shop.partition.item("new")?.price == 5)
    #expect(shop.partition.statistics.foldFailures == 0)
    await shop.engine.close()
    let again = try await PartitionFixture(folder: try Image(logOf: shop.folder).folder)
    #expect(try await again.partition.item("new")?.price == 5)
    await again.engine.close()
  }

  @Test func `a workspace opens, whatever changes an earlier program wrote into its log`() async throws {
    let shop = try await PartitionFixture()
    try await shop.change([try item("a", price: 1)])
    await shop.engine.close()
    let store = try SQLitePartitionStore(folder: shop.folder.path)
    let changes = [CatalogChange.delete(id: "a"), .delete(id: "a"), try item("b", price: 2)]
    let broken = DefinitionSet(version: 1, files: [DefinitionFile(path: "a.yaml", text: "holdout: many")])
    let entries =
      changes.map { LogEntry(kind: .catalogChange, knownAt: shop.clock.now, payload: $0.binary) } + [
        LogEntry(kind: .definitions, knownAt: shop.clock.now, payload: broken.binary)
      ]
    try store.commit(PartitionCommit(epoch: try store.acquire(), after: try store.end(), entries: entries))
    store.close()
    for _ in 0..<2 {
      let again = try await PartitionFixture(folder: shop.folder)
      #expect(try await again.partition.item("a") == nil)
      #expect(try await again.partition.item("b")?.price == 2)
      await again.engine.close()
    }
  }
}
