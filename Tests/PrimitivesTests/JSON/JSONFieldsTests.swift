import Primitives
import Testing

@Suite struct JSONFieldsTests {
  private let names = JSONFieldNames([
    ("messageId", 0), ("type", 1), ("event", 2), ("userId", 3), ("user_id", 3), ("context", 31),
  ])

  private func value(_ text: String, _ field: UInt8) throws -> JSONValue? {
    JSONFields(try JSONDocument(parsing: Array(text.utf8)).root, names)[field]?.value
  }

  @Test(
    arguments: [
      ("{}", 3, nil), (#"{"userId": "u"}"#, 3, "u"), (#"{"a": {"userId": "x"}, "userId": "u", "b": [1, 2]}"#, 3, "u"),
      (#"{"user_id": "u"}"#, 3, "u"), (#"{"userId": "a", "user_id": "b"}"#, 3, "b"),
      (#"{"user_id": "b", "userId": "a"}"#, 3, "a"),
      (#"{"userId": "a", "userId": null}"#, 3, nil), (#"{"user\u0049d": "u"}"#, 3, "u"), (#"{"userid": "u"}"#, 3, nil),
      (#"{"userIx": "u", "": 1, "useerId": 2}"#, 3, nil), (#"{"context": {"type": 1}}"#, 31, ["type": 1]),
      (#"{"context": {"type": 1}}"#, 1, nil), ("[1]", 3, nil), (#""userId""#, 3, nil),
    ] as [(String, UInt8, JSONValue?)])
  func `a field is the last member of its names, and null is absent`(
    text: String, field: UInt8, expected: JSONValue?
  ) throws {
    #expect(try value(text, field) == expected)
  }

  @Test func `what is absent has no fields`() {
    #expect(JSONFields(nil, names)[3] == nil)
  }

  @Test func `fields agree with lookups one by one`() throws {
    var generator = SeededGenerator(seed: 7)
    let keys = ["messageId", "type", "event", "userId", "context", "other", "typ", "events"]
    for _ in 0..<500 {
      let members = (0..<Int.random(in: 0...12, using: &generator)).map { index in
        "\"\(keys.randomElement(using: &generator) ?? "")\": \(index)"
      }
      let view = try JSONDocument(parsing: Array("{\(members.joined(separator: ","))}".utf8)).root
      let fields = JSONFields(view, names)
      for (key, field) in [("messageId", 0), ("type", 1), ("event", 2), ("userId", 3), ("context", 31)]
        as [(String, UInt8)]
      {
        #expect(fields[field]?.int == view[key]?.int)
      }
    }
  }
}
