import Documents
import Interchange
import Primitives
import Testing

@Suite struct EventLinesReaderTests {
  private func read(_ text: String, file: String = "a.jsonl") throws -> [ImportRecord] {
    try records(EventLinesReader(ByteSource(Array(text.utf8)), file: file))
  }

  @Test(arguments: [
    (#"{"type":"track","event":"Product Viewed","userId":"u"}"#, "messageId"),
    (#"{"type":"identify","userId":"u","traits":{}}"#, "messageId"),
    (#"{"event_type":"view","user_id":"u","item_id":"i"}"#, "message_id"),
    (#"{"event_type":"view","type":"track","user_id":"u"}"#, "message_id"),
  ])
  func `each line tells its own form, and is given the id of that form`(line: String, name: String) throws {
    let json = try #require(try read(line).first?.json)
    #expect(json[name]?.string?.hasPrefix("import-") == true)
    #expect(json.object?.count == (try JSONValue(parsing: line)).object.map { $0.count + 1 })
  }

  @Test func `a line keeps the message id that it brings`() throws {
    let line = #"{"event_type":"view","message_id":"mine","user_id":"u"}"#
    #expect(try read(line).first?.content == .event(Array(line.utf8)))
  }

  @Test(arguments: [#""message_id":null,"#, #""message_id":"","#, #""message_id":7,"#, ""])
  func `a line without a usable message id is given one`(brought: String) throws {
    let json = try #require(try read(#"{\#(brought)"event_type":"view","user_id":"u"}"#).first?.json)
    #expect(json["message_id"]?.string?.hasPrefix("import-") == true)
    #expect(json["event_type"] == "view")
    #expect(json["user_id"] == "u")
  }

  @Test func `ids depend on the file's name, the line's number and its text, and on nothing else`() throws {
    let line = #"{"event_type":"view","user_id":"u"}"#
    func ids(_ text: String, file: String = "a.jsonl") throws -> [String?] {
      try read(text, file: file).map { $0.json?["message_id"]?.string }
    }
    let twice = try ids("\(line)\n\(line)\n")
    #expect(twice[0] != twice[1])
    #expect(try ids("\(line)\n\(line)\n") == twice)
    #expect(try ids("\(line)\r\n\r\n{\"event_type\":\"click\"}")[0] == twice[0])
    #expect(try ids(line, file: "b.jsonl")[0] != twice[0])
    // Frozen: another value would make yesterday's imports count again.
    #expect(twice[0] == "import-35VRKJE5439F202N5VSHKHS7WT")
  }

  @Test(arguments: [
    ("{", "a key expected"), ("[1]", "found an array, expected an object"), (#"{"user_id":"u"}"#, "event_type"),
    (#"{"type":"shout","userId":"u"}"#, "Segment form"),
  ])
  func `a bad line is a value that says what was expected`(line: String, reason: String) throws {
    let found = try read("\(line)\n{\"event_type\":\"view\"}")
    #expect(found.count == 2)
    #expect(found[0].position.line == 1)
    #expect(found[0].reason?.contains(reason) == true)
    #expect(found[1].json?["event_type"] == "view")
  }

  @Test func `a line that has its message id is sent as it stands`() throws {
    let line =
      #"{"position":7,"message_id":"m","received_at":"2026-03-01T09:30:00.000Z","event_type":"view","user_id":7.0}"#
    #expect(try read(line).first?.content == .event(Array(line.utf8)))
  }

  @Test func `items need an id`() throws {
    let lines = "{\"item_id\":\"a\"}\n{\"title\":\"b\"}\n"
    let found = try records(ItemLinesReader(ByteSource(Array(lines.utf8))))
    #expect(found[0].content == .item(Array("{\"item_id\":\"a\"}".utf8)))
    #expect(found[1].reason == "an item needs `item_id`")
  }
}
