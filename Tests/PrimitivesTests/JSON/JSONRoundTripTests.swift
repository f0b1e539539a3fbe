import Primitives
import Testing

@Suite struct JSONRoundTripTests {
  /// A value as it reads back: whole doubles that the writer writes without a point are integers.
  static func randomValue(depth: Int, using generator: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .int(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
    case 3:
      let value = Double(bitPattern: generator.next())
      guard value.isFinite, Int64(exactly: value).map({ $0.magnitude >= 1 << 53 }) ?? true else { return .int(7) }
      return .double(value)
    case 4, 5: return .string(randomText(using: &generator))
    case 6:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in randomValue(depth: depth - 1, using: &generator) })
    default:
      return .object(
        JSONObject(
          members: (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            .init(key: randomText(using: &generator), value: randomValue(depth: depth - 1, using: &generator))
          }))
    }
  }

  static func randomText(using generator: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...12, using: &generator) {
      let bits = [7, 7, 7, 11, 16, 21].randomElement(using: &generator) ?? 7
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<(1 << bits), using: &generator)) { text.append(scalar) }
    }
    return String(text)
  }

  @Test func `any value reads back from its text`() throws {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      let value = Self.randomValue(depth: 4, using: &generator)
      var writer = JSONWriter()
      writer.value(value)
      let document = try JSONDocument(parsing: writer.bytes)
      if document.root.value != value { Issue.record("\(value) was written as \(value.text)") }
    }
  }

  @Test(arguments: [
    (0.0, "0"), (-0.0, "0"), (1, "1"), (-3, "-3"), (0.1, "0.1"), (1e15, "1000000000000000"),
    (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992.0"), (1e300, "1e+300"),
    (.leastNonzeroMagnitude, "5e-324"), (.infinity, "null"), (.nan, "null"),
    (-9_223_372_036_854_775_808, "-9.223372036854775808e+18"),
  ])
  func `a double is written short and exactly`(value: Double, text: String) throws {
    var writer = JSONWriter()
    writer.double(value)
    let written = String(decoding: writer.bytes, as: UTF8.self)
    if text.contains("775808e") {
      #expect(Double(written) == value)
    } else {
      #expect(written == text)
    }
    if value.isFinite { #expect(try JSONDocument(parsing: writer.bytes).root.double == value) }
  }

  @Test func `strings are escaped where they must be`() {
    #expect(JSONValue.string("\"\\/\n\r\t\u{0}\u{1F}\u{7F}ä🛒").text == #""\"\\/\n\r\t\u0000\u001f"# + "\u{7F}ä🛒\"")
  }

  @Test func `the writer places commas`() {
    var writer = JSONWriter()
    writer.object {
      $0.member("a", 1)
      $0.member(
        "b",
        array: {
          $0.int(1); $0.null(); $0.array { _ in }; $0.object { _ in }
        })
      $0.member(
        "c",
        object: {
          $0.member("d", true); $0.member("e", String?.none)
        })
      $0.member(
        "f",
        array: {
          $0.string("x"); $0.raw("{\"y\":0}".utf8); $0.bool(false)
        })
      $0.member("g", Double?.none)
      $0.member("h", 1.5)
      $0.member("i", ["j": 1] as JSONValue)
    }
    #expect(
      String(decoding: writer.bytes, as: UTF8.self)
        == #"{"a":1,"b":[1,null,[],{}],"c":{"d":true,"e":null},"f":["x",{"y":0},false],"g":null,"h":1.5,"i":{"j":1}}"#)
  }
}
