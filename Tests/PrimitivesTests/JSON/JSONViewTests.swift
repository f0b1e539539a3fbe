import Primitives
import Testing

@Suite struct JSONViewTests {
  static func view(_ text: String) throws -> JSONView { try JSONDocument(parsing: Array(text.utf8)).root }

  @Test func `a member is found by its whole name, and the last of a name counts`() throws {
    let view = try Self.view(#"{"a":1,"ab":2,"a\u0062c":3,"":4,"a":5,"x":{"a":6},"\u0061b":7,"ä":8}"#)
    #expect(view["a"]?.int == 5)
    #expect(view["ab"]?.int == 7)
    #expect(view["abc"]?.int == 3)
    #expect(view[""]?.int == 4)
    #expect(view["ä"]?.int == 8)
    #expect(view["x"]?["a"]?.int == 6)
    #expect(view["b"] == nil)
    #expect(view["x"]?["x"] == nil)
    let name = String("abc")
    #expect(view[name]?.int == 3)
    #expect(view.value["a"]?.int == 5)
    #expect(view.value["ab"]?.int == 7)
  }

  @Test func `what is no object has no members, and what is no array has no elements`() throws {
    for text in ["1", "null", "true", "\"a\"", "[1,2]"] {
      let view = try Self.view(text)
      #expect(view["a"] == nil)
      #expect(Array(view.members).isEmpty)
      #expect(Array(view.memberViews).isEmpty)
    }
    for text in ["1", "\"a\"", #"{"a":1}"#] { #expect(Array(try Self.view(text).elements).isEmpty) }
  }

  @Test(
    arguments: [
      ("0", 0), ("-0", 0), ("7", 7), ("-7", -7), ("9223372036854775807", Int64.max),
      ("-9223372036854775808", Int64.min), ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("18446744073709551615", nil), ("18446744073709551616", nil), ("99999999999999999999", nil),
      ("100000000000000000000", nil), ("1.0", nil), ("1e2", nil), ("\"1\"", nil), ("true", nil),
    ] as [(String, Int64?)])
  func `an integer is a number written as one that fits 64 bits`(text: String, expected: Int64?) throws {
    #expect(try Self.view(text).int == expected)
  }

  @Test(
    arguments: [
      ("0", 0), ("1.5", 1.5), ("-1.5e-3", -0.0015), ("9223372036854775808", 9_223_372_036_854_775_808), ("1e-999", 0),
      ("0.1", 0.1), ("179769313486231570000000000000000000000000000000000", 1.7976931348623157e50), ("null", nil),
      ("1.7976931348623157e308", Double.greatestFiniteMagnitude), ("123456789012345678", 123_456_789_012_345_680),
    ] as [(String, Double?)])
  func `a double is any number`(text: String, expected: Double?) throws {
    #expect(try Self.view(text).double == expected)
  }

  @Test(
    arguments: [
      (#""plain""#, "plain"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u0000""#, "\u{0}"),
      (#""\u00e9\u20AC""#, "é€"), (#""\ud83d\uDe00!""#, "😀!"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
      (#""ä\n€😀""#, "ä\n€😀"),
      (#""""#, ""), ("1", nil),
    ] as [(String, String?)])
  func `a string is read without its escapes`(text: String, expected: String?) throws {
    #expect(try Self.view(text).string == expected)
  }

  @Test func `kinds are told apart, and a value knows its text`() throws {
    let texts = ["null", "true", "12", "\"x\"", "[1, 2]", #"{"a": {}}"#]
    let words = ["null", "a boolean", "a number", "a string", "an array", "an object"]
    let list = try Self.view("[ " + texts.joined(separator: " , ") + " ]")
    #expect(list.count == texts.count)
    for (element, (text, word)) in zip(list.elements, zip(texts, words)) {
      #expect(String(decoding: element.rawBytes, as: UTF8.self) == text)
      #expect(element.kindInWords == word)
      #expect(element.value.kindInWords == word)
    }
    #expect(list.elements.map(\.isNull) == [true, false, false, false, false, false])
    #expect(list.elements.map(\.isNumber) == [false, false, true, false, false, false])
    #expect(list.elements.map(\.isString) == [false, false, false, true, false, false])
    #expect(list.elements.map(\.isArray) == [false, false, false, false, true, false])
    #expect(list.elements.map(\.isObject) == [false, false, false, false, false, true])
    #expect(list.elements.map(\.bool) == [nil, true, nil, nil, nil, nil])
  }

  @Test func `members come in order with their keys`() throws {
    let view = try Self.view(#"{"b":1,"a\n":[2,{"c":3}],"b":{}}"#)
    #expect(view.members.map(\.key) == ["b", "a\n", "b"])
    #expect(view.memberViews.map { $0.key.string } == ["b", "a\n", "b"])
    #expect(view.members.map(\.value.kindInWords) == ["a number", "an array", "an object"])
    #expect(view.count == 3)
  }

  @Test func `an object keeps order, sets in place and removes every member of a name`() {
    var object = JSONObject(members: [.init(key: "a", value: 1), .init(key: "b", value: 2), .init(key: "a", value: 3)])
    #expect(object["a"] == 3)
    object["b"] = "x"
    object["c"] = nil
    object["d"] = true
    #expect(JSONValue.object(object).text == #"{"a":1,"b":"x","a":3,"d":true}"#)
    object["a"] = nil
    #expect(object["a"] == nil)
    #expect(JSONValue.object(object).text == #"{"b":"x","d":true}"#)
    #expect(object.count == 2)
  }

  @Test func `values convert where nothing is lost`() {
    #expect(JSONValue.double(3).int == 3)
    #expect(JSONValue.double(3.5).int == nil)
    #expect(JSONValue.int(3).double == 3)
    #expect(JSONValue.string("3").int == nil)
    #expect((["a": [1, 2.5, nil, false, "x"]] as JSONValue).text == #"{"a":[1,2.5,null,false,"x"]}"#)
  }
}
