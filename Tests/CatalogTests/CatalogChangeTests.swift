import Catalog
import Primitives
import Testing

@Suite struct CatalogChangeTests {
  static let full = """
    {"item_id":"mug-1","title":"Mug","text":"A blue mug","categories":["Kitchen","Mugs","Kitchen"],"tags":["blue"],
     "price":12.5,"currency":"eur","margin":-1.25,"available":false,"stock":3,"regions":["CH","de"],"age_min":18,
     "published_at":"2026-03-01T09:30:00Z","attributes":{"size":{"width":8,"unit":"cm"},"new":true,"n":1,"n":2}}
    """

  static func upsert(_ text: String) throws -> CatalogItem {
    let change = try CatalogChange(upserting: try JSONDocument(parsing: Array(text.utf8)).root)
    var catalog = ItemCatalog()
    let item = try catalog.apply(change, revision: 7)
    return try #require(catalog.item(item))
  }

  @Test func `every field is read`() throws {
    let item = try Self.upsert(Self.full)
    #expect(
      item
        == CatalogItem(
          id: "mug-1", title: "Mug", text: "A blue mug", categories: ["Kitchen", "Mugs"], tags: ["blue"], price: 12.5,
          currency: "EUR", margin: -1.25, isAvailable: false, stock: 3, regions: ["CH", "de"], ageMin: 18,
          publishedAt: Timestamp(seconds: 1_772_357_400),
          attributes: try #require(JSONValue(parsing: #"{"size":{"width":8,"unit":"cm"},"new":true,"n":2}"#).object),
          revision: 7))
  }

  @Test(arguments: [#"{"item_id":"a"}"#, #"{"item_id":"a","title":null,"available":null,"tags":null,"stock":null}"#])
  func `only the id is required, and null is absent`(text: String) throws {
    #expect(try Self.upsert(text) == CatalogItem(id: "a", revision: 7))
  }

  @Test(arguments: [
    (#"{"item_id":42}"#, "42"), (#"{"item_id":-4.50}"#, "-4.50"), (#"{"item_id":"é東"}"#, "é東"),
    (#"{"item_id":"a","item_id":"b"}"#, "b"),
  ])
  func `an id is a string or a number as written`(text: String, id: String) throws {
    #expect(try Self.upsert(text).id == id)
  }

  @Test(
    arguments: [
      ("1772357400", 1_772_357_400_000_000), ("1772357400250", 1_772_357_400_250_000),
      (#""2026-03-01 09:30:00+00:00""#, 1_772_357_400_000_000), (#""1850-01-01""#, -3_786_825_600_000_000),
      ("0.5", 500_000),
    ] as [(String, Int64)])
  func `times are ISO 8601, seconds or milliseconds`(text: String, microseconds: Int64) throws {
    let item = try Self.upsert(#"{"item_id":"a","published_at":\#(text)}"#)
    #expect(item.publishedAt == Timestamp(microseconds: microseconds))
  }

  static let nested = String(repeating: #"{"a":"#, count: 8) + "1" + String(repeating: "}", count: 8)

  @Test(
    arguments: [
      ("[]", .wrongType, nil, "an item must be an object, found an array"),
      ("{}", .missingField, "item_id", "item_id is missing; every item needs one"),
      (#"{"item_id":null}"#, .wrongType, "item_id", "item_id must be a string or a number, found null"),
      (#"{"item_id":""}"#, .invalidValue, "item_id", "item_id must not be empty"),
      (#"{"item_id":{}}"#, .wrongType, "item_id", "item_id must be a string or a number, found an object"),
      (#"{"title":7}"#, .wrongType, "title", "title must be a string, found a number"),
      (#"{"categories":"Shoes"}"#, .wrongType, "categories", "categories must be an array of strings, found a string"),
      (#"{"tags":["a",3]}"#, .wrongType, "tags[1]", "tags[1] must be a string, found a number"),
      (#"{"tags":[""]}"#, .invalidValue, "tags[0]", "tags[0] must not be empty"),
      (#"{"price":"12"}"#, .wrongType, "price", "price must be a number, found a string"),
      (#"{"price":-1}"#, .outOfRange, "price", "price must be 0 to 1e15, found -1.0"),
      (#"{"margin":1e16}"#, .outOfRange, "margin", "margin must be -1e15 to 1e15, found 1e+16"),
      (
        #"{"currency":"EURO"}"#, .invalidValue, "currency",
        "currency must be three letters as in ISO 4217, such as EUR, found 'EURO'"
      ),
      (#"{"available":"yes"}"#, .wrongType, "available", "available must be true or false, found a string"),
      (#"{"stock":1.5}"#, .outOfRange, "stock", "stock must be a whole number from 0 to 2147483647, found 1.5"),
      (#"{"stock":-1}"#, .outOfRange, "stock", "stock must be a whole number from 0 to 2147483647, found -1.0"),
      (#"{"age_min":121}"#, .outOfRange, "age_min", "age_min must be a whole number from 0 to 120, found 121.0"),
      (
        #"{"published_at":"soon"}"#, .invalidValue, "published_at",
        "published_at must be a time as in 2026-03-01T09:30:00Z, found \"soon\""
      ),
      (
        #"{"published_at":true}"#, .wrongType, "published_at",
        "published_at must be a time as in 2026-03-01T09:30:00Z, found a boolean"
      ),
      (#"{"attributes":[]}"#, .wrongType, "attributes", "attributes must be an object, found an array"),
      (
        #"{"attributes":{"x":\#(nested)}}"#, .tooDeep, "attributes", "attributes are nested more than 8 levels deep"
      ),
      (#"{"name":"x"}"#, .unknownField, "name", "an item has no field 'name'; did you mean 'title'?"),
      (
        #"{"catgeories":[]}"#, .unknownField, "catgeories",
        "an item has no field 'catgeories'; did you mean 'categories'?"
      ),
      (#"{"Price":1}"#, .unknownField, "Price", "an item has no field 'Price'; did you mean 'price'?"),
      (
        #"{"colour":"red"}"#, .unknownField, "colour",
        "an item has no field 'colour'; put properties of your own under 'attributes'"
      ),
    ] as [(String, CatalogRefusal.Code, String?, String)])
  func `what is wrong is refused with field, found and expected`(
    text: String, code: CatalogRefusal.Code, field: String?, message: String
  ) throws {
    let expected = CatalogRefusal(code: code, message: message, field: field)
    #expect(throws: expected) { try Self.upsert(text) }
  }

  @Test(arguments: [
    ("item_id", 256), ("title", 1 << 10), ("text", 64 << 10),
  ])
  func `a text may be as long as its bound and no longer`(field: String, bytesMax: Int) throws {
    func text(_ bytes: Int) -> String {
      let id = field == "item_id" ? "" : #""item_id":"a","#
      return "{\(id)\"\(field)\":\"\(String(repeating: "x", count: bytes))\"}"
    }
    _ = try Self.upsert(text(bytesMax))
    let expected = CatalogRefusal(
      code: .tooLarge, message: "\(field) has \(bytesMax + 1) bytes, at most \(bytesMax) are allowed", field: field)
    #expect(throws: expected) { try Self.upsert(text(bytesMax + 1)) }
  }

  @Test(arguments: ["categories", "tags", "regions"])
  func `a list may have 64 names and no more`(field: String) throws {
    func text(_ count: Int) -> String {
      #"{"item_id":"a","\#(field)":[\#((0..<count).map { "\"n\($0)\"" }.joined(separator: ","))]}"#
    }
    _ = try Self.upsert(text(64))
    let expected = CatalogRefusal(
      code: .tooLarge, message: "\(field) has more than the 64 entries allowed", field: field)
    #expect(throws: expected) { try Self.upsert(text(65)) }
  }

  @Test func `attributes of more than 32 KiB are refused`() throws {
    func text(_ bytes: Int) -> String {
      #"{"item_id":"a","attributes":{"x":"\#(String(repeating: "x", count: bytes))"}}"#
    }
    _ = try Self.upsert(text(32_000))
    #expect { try Self.upsert(text(33_000)) } throws: { ($0 as? CatalogRefusal)?.code == .tooLarge }
  }

  @Test func `what is answered can be sent back and gives the same item`() throws {
    let item = try Self.upsert(Self.full)
    var writer = JSONWriter()
    item.write(to: &writer)
    #expect(try Self.upsert(String(decoding: writer.bytes, as: UTF8.self)) == item)
  }

  @Test func `an unknown field is null or empty in the answer`() throws {
    var writer = JSONWriter()
    CatalogItem(id: "a", revision: 3).write(to: &writer)
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"item_id":"a","title":null,"text":null,"categories":[],"tags":[],"price":null,"currency":null,"#
        + #""margin":null,"available":true,"stock":null,"regions":[],"age_min":null,"published_at":null,"#
        + #""attributes":{},"revision":3}"#)
  }

  @Test func `changes survive the log, and damaged ones are refused`() throws {
    let full = try CatalogChange(upserting: try JSONDocument(parsing: Array(Self.full.utf8)).root)
    let patch = try CatalogChange(patching: "a", with: try JSONDocument(parsing: Array(#"{"price":1}"#.utf8)).root)
    for change in [full, patch, try CatalogChange(deleting: "a")] {
      var writer = BinaryWriter()
      change.encode(into: &writer)
      var reader = BinaryReader(writer.bytes)
      #expect(try CatalogChange(from: &reader) == change)
      #expect(reader.isAtEnd)
      for count in 0..<writer.bytes.count {
        var cut = BinaryReader(Array(writer.bytes.prefix(count)))
        #expect(throws: BinaryError.self) { try CatalogChange(from: &cut) }
      }
    }
  }
}
