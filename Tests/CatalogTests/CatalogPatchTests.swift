import Catalog
import Primitives
import Testing

@Suite struct CatalogPatchTests {
  static func patched(_ start: String, _ patch: String) throws -> CatalogItem {
    var catalog = ItemCatalog()
    let item = try catalog.apply(
      CatalogChange(upserting: try JSONDocument(parsing: Array(start.utf8)).root), revision: 1)
    let change = try CatalogChange(patching: "a", with: try JSONDocument(parsing: Array(patch.utf8)).root)
    try catalog.check(change)
    try catalog.apply(change, revision: 2)
    return try #require(catalog.item(item))
  }

  /// The cases of RFC 7396, appendix A, whose target and result are objects, over `attributes`.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, "{}"),
    (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
    (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
    (#"{"a":"foo"}"#, "null", "{}"),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func `attributes merge as RFC 7396 says`(target: String, patch: String, result: String) throws {
    let item = try Self.patched(
      #"{"item_id":"a","attributes":\#(target)}"#, #"{"attributes":\#(patch)}"#)
    #expect(JSONValue.object(item.attributes) == (try JSONValue(parsing: result)))
  }

  @Test func `a member replaces, null takes away, the rest stays`() throws {
    let item = try Self.patched(
      #"{"item_id":"a","title":"Mug","categories":["x","y"],"price":4,"stock":2,"available":false}"#,
      #"{"item_id":"a","categories":["z"],"price":5.5,"stock":null,"available":null}"#)
    #expect(item == CatalogItem(id: "a", title: "Mug", categories: ["z"], price: 5.5, revision: 2))
  }

  @Test(
    arguments: [
      ("[]", .wrongType, nil), (#"{"price":"1"}"#, .wrongType, "price"), (#"{"nope":1}"#, .unknownField, "nope"),
      (#"{"item_id":"b"}"#, .invalidValue, "item_id"), (#"{"item_id":null}"#, .wrongType, "item_id"),
    ] as [(String, CatalogRefusal.Code, String?)])
  func `a wrong patch is refused before the log`(patch: String, code: CatalogRefusal.Code, field: String?) throws {
    let view = try JSONDocument(parsing: Array(patch.utf8)).root
    #expect {
      try CatalogChange(patching: "a", with: view)
    } throws: {
      ($0 as? CatalogRefusal)?.code == code && ($0 as? CatalogRefusal)?.field == field
    }
  }

  @Test func `a patch that would make the item too large is refused and changes nothing`() throws {
    let half = String(repeating: "x", count: 20_000)
    var catalog = ItemCatalog()
    let start = #"{"item_id":"a","attributes":{"x":"\#(half)"}}"#
    let item = try catalog.apply(
      CatalogChange(upserting: try JSONDocument(parsing: Array(start.utf8)).root), revision: 1)
    let before = catalog.item(item)
    let patch = try JSONDocument(parsing: Array(#"{"attributes":{"y":"\#(half)"}}"#.utf8)).root
    let change = try CatalogChange(patching: "a", with: patch)
    #expect { try catalog.check(change) } throws: { ($0 as? CatalogRefusal)?.code == .tooLarge }
    #expect { try catalog.apply(change, revision: 2) } throws: { ($0 as? CatalogRefusal)?.code == .tooLarge }
    #expect(catalog.item(item) == before)
    #expect(catalog.revision == 1)
  }

  @Test func `patching or deleting what is not there is refused`() throws {
    var catalog = ItemCatalog()
    _ = catalog.intern("heard-of")
    let patch = try CatalogChange(patching: "heard-of", with: try JSONDocument(parsing: Array("{}".utf8)).root)
    for change in [patch, try CatalogChange(deleting: "heard-of"), try CatalogChange(deleting: "never")] {
      #expect { try catalog.check(change) } throws: { ($0 as? CatalogRefusal)?.code == .unknownItem }
      #expect { try catalog.apply(change, revision: 1) } throws: { ($0 as? CatalogRefusal)?.code == .unknownItem }
    }
    #expect(catalog.ordinalCount == 1)
  }
}
