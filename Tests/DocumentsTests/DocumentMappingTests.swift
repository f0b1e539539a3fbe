import Documents
import Testing

@Suite struct DocumentMappingTests {
  static let text = "home:\n  count: 10\n  label:\n  ratio: 0.5\n  tags: [a, b]\n  within: 7d\n  active: true\n"

  static func home(_ text: String = Self.text) throws -> DocumentNode {
    try #require(try DocumentNode.yaml(text, file: "placements.yaml")).mapping(of: "placements").required("home")
  }

  static func message(_ read: () throws -> Any) -> String {
    do { return "read \(try read())" } catch { return "\(error)" }
  }

  @Test func `values are read by type, and what is absent or null is nil`() throws {
    let keys: Set = ["count", "label", "ratio", "tags", "within", "active", "other"]
    let mapping = try Self.home().mapping(allowing: keys, of: "a placement")
    #expect(try mapping.int("count") == 10)
    #expect(try mapping.string("label") == nil)
    #expect(try mapping.double("ratio", in: 0...1) == 0.5)
    #expect(try mapping.strings("tags") == ["a", "b"])
    #expect(try mapping.list("tags").count == 2)
    #expect(try mapping.list("other").isEmpty)
    #expect(try mapping.duration("within") == .seconds(7 * 86_400))
    #expect(try mapping.bool("active") == true)
    #expect(mapping["other"] == nil)
  }

  @Test(arguments: [
    (
      "home:\n  label: x\n  other: 1\n  cuont: 1",
      "placements.yaml:4:3: 'cuont' is not a key of a placement; did you mean 'count'?"
    ),
    ("home:\n  COUNT: 1", "placements.yaml:2:3: 'COUNT' is not a key of a placement; did you mean 'count'?"),
    ("home:\n  Other-: 1", "placements.yaml:2:3: 'Other-' is not a key of a placement; did you mean 'other'?"),
    (
      "home:\n  zzz: 1",
      "placements.yaml:2:3: 'zzz' is not a key of a placement (it may have 'count', 'label', 'other')"
    ),
    ("home: 3", "placements.yaml:1:7: found the number 3, expected a mapping (a placement)"),
  ])
  func `a key that is not known is refused with the nearest`(text: String, message: String) {
    #expect(
      Self.message { try Self.home(text).mapping(allowing: ["count", "label", "other"], of: "a placement") } == message)
  }

  @Test func `what is required must be there and have a value`() throws {
    let mapping = try Self.home().mapping(of: "a placement")
    #expect(Self.message { try mapping.required("items") } == "placements.yaml:2:3: a placement needs 'items'")
    #expect(
      Self.message { try mapping.required("label") }
        == "placements.yaml:3:3: 'label' of a placement has no value")
    #expect(
      Self.message { try mapping.int("tags") ?? 0 } == "placements.yaml:5:9: found a list, expected a whole number")
  }

  @Test(
    arguments: [
      ("cuont", "count"), ("coun", "count"), ("counts", "count"), ("Count", "count"), ("c", nil),
      ("item-id", "item_id"),
      ("itemid", "item_id"), ("xyz", nil), ("", nil), ("priec", "price"), ("pirce", "price"),
    ] as [(String, String?)])
  func `the nearest word is a slip away`(word: String, nearest: String?) {
    #expect(nearestWord(to: word, among: ["count", "item_id", "price"]) == nearest)
  }

  @Test func `the nearest word of several as near is the first by alphabet`() {
    #expect(nearestWord(to: "cat", among: ["rat", "bat", "hat"]) == "bat")
    #expect(nearestWord(to: "cat", among: ["cat"]) == nil)
  }
}
