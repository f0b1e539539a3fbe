import Documents
import Primitives
import Testing

@Suite struct JSONDocumentNodeTests {
  static func refusal(of text: String, limits: DocumentLimits = .standard) -> String {
    do throws(DocumentError) {
      return "read as " + (try DocumentNode.json(Array(text.utf8), file: "a.json", limits: limits).jsonValue().text)
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    "null", "true", "[1,-2,2.5,\"x\",{}]", #"{"b":1,"a":{"c":[null,false]}}"#, #""\"\\\n""#,
  ])
  func `a JSON text keeps its values and their order`(text: String) throws {
    #expect(try DocumentNode.json(Array(text.utf8), file: "a.json").jsonValue().text == text)
  }

  @Test(arguments: [
    ("{\n \"a\": 1,\n \"a\": 2}", "a.json:3:2: the key 'a' stands twice; the first is in line 2"),
    (#"{"a":1,"\u0061":2}"#, "a.json:1:8: the key 'a' stands twice; the first is in line 1"),
    ("{\n \"ä\": ]", "a.json:2:7: a value expected, found ']'"),
    ("", "a.json:1:1: the text ends where a value should stand"),
    ("[[[[1]]]]", "a.json:1:4: more than 3 arrays and objects within each other"),
    ("[1,2,3,4,5,6,7,8,9,0]", "a.json:1:1: found 21 bytes, expected at most 20"),
  ])
  func `what is wrong is told with its place`(text: String, message: String) {
    #expect(Self.refusal(of: text, limits: DocumentLimits(bytes: 20, depth: 3)) == message)
  }

  @Test func `a value knows where it stands`() throws {
    let node = try DocumentNode.json(Array("{\n  \"list\": [1,\n   {\"ä\": \"x\"}]\n}".utf8), file: "a.json")
    let list = try node.mapping(of: "a thing").required("list").list()
    let inner = try list[1].mapping(of: "an entry").members[0]
    #expect(list.map(\.location.description) == ["a.json:2:12", "a.json:3:4"])
    #expect(inner.keyLocation.description == "a.json:3:5")
    #expect(inner.value.location.description == "a.json:3:10")
  }
}
