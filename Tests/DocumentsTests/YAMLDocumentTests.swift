import Documents
import Primitives
import Testing

@Suite struct YAMLDocumentTests {
  /// The error of a text that must not be read.
  static func refusal(of text: String, limits: DocumentLimits = .standard) -> String {
    do throws(DocumentError) {
      let node = try DocumentNode.yaml(text, file: "a.yaml", limits: limits)
      return "read as \(node?.jsonValue().text ?? "nothing")"
    } catch {
      return error.description
    }
  }

  @Test(arguments: [
    ("a: b", #"{"a":"b"}"#),
    ("a: 'true'", #"{"a":"true"}"#),
    ("a: \"12\"", #"{"a":"12"}"#),
    ("a: true\nb: False\nc: FALSE", #"{"a":true,"b":false,"c":false}"#),
    ("[yes, no, on, off, y, n, tRue]", #"["yes","no","on","off","y","n","tRue"]"#),
    ("[~, null, Null, NULL, nULL, '~', '']", #"[null,null,null,null,"nULL","~",""]"#),
    ("a:", #"{"a":null}"#),
    ("[0, -0, 7, -7, +7, 9223372036854775807]", #"[0,0,7,-7,7,9223372036854775807]"#),
    ("[9223372036854775808]", "[9.223372036854776e+18]"),
    ("[1.5, -1.5, 1e3, 1E-3, .5, 1., 1.e2]", "[1.5,-1.5,1000,0.001,0.5,1,100]"),
    ("[007, 0x10, 0o7, 1_000, 00, -01]", #"["007","0x10","0o7","1_000","00","-01"]"#),
    ("[.inf, -.Inf, .nan, nan, inf, infinity, 1e999]", #"[".inf","-.Inf",".nan","nan","inf","infinity","1e999"]"#),
    (
      "[1.2.3, '1', 1-2, e5, 2026-03-01, '-', +, ., 12:30]",
      #"["1.2.3","1","1-2","e5","2026-03-01","-","+",".","12:30"]"#
    ),
    ("!!str 12", #""12""#),
    ("! 12", #""12""#),
    ("|\n  two\n  lines\n", #""two\nlines\n""#),
    (">-\n  one\n  line\n", #""one line""#),
    ("1: one\ntrue: two\n~: three", #"{"1":"one","true":"two","~":"three"}"#),
    ("base: &b {x: 1}\nuse: *b\nagain: [*b, *b]", #"{"base":{"x":1},"use":{"x":1},"again":[{"x":1},{"x":1}]}"#),
    ("a: &n 1\nb: &n 2\nc: *n", #"{"a":1,"b":2,"c":2}"#),
    ("--- # with a start\n- ä\n- 🛒\n...", #"["ä","🛒"]"#),
    ("{\"json\": [1, {\"is\": \"yaml\"}]}", #"{"json":[1,{"is":"yaml"}]}"#),
    ("\u{FEFF}a: 1", #"{"a":1}"#),
    ("a: 1\r\nb: 2\r\n", #"{"a":1,"b":2}"#),
    ("filter: person.age > 18 && item.price < 5 * 2", #"{"filter":"person.age > 18 && item.price < 5 * 2"}"#),
    ("null", "null"),
  ])
  func `a scalar without quotes has the narrow meaning of YAML 1.2 and one in quotes is a string`(
    text: String, json: String
  ) throws {
    #expect(try DocumentNode.yaml(text, file: "a.yaml")?.jsonValue().text == json)
  }

  @Test(arguments: ["", "   ", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "\u{FEFF}"])
  func `a document without content is nothing`(text: String) throws {
    #expect(try DocumentNode.yaml(text, file: "a.yaml") == nil)
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3", "a.yaml:3:1: the key 'a' stands twice; the first is in line 1"),
    ("x:\n  - {k: 1, 'k': 2}", "a.yaml:2:12: the key 'k' stands twice; the first is in line 2"),
    ("a: 1\n---\nb: 2", "a.yaml:2:1: found a second document, expected one"),
    (
      "a: !!binary aGk=",
      "a.yaml:1:4: the tag 'tag:yaml.org,2002:binary' has no meaning here; only plain values are read"
    ),
    ("a: !thing {b: 1}", "a.yaml:1:4: the tag '!thing' has no meaning here; only plain values are read"),
    ("a: !!set [b]", "a.yaml:1:4: the tag 'tag:yaml.org,2002:set' has no meaning here; only plain values are read"),
    ("base: &base 1\nb: *bse", "a.yaml:2:4: '*bse' refers to nothing above it; did you mean 'base'?"),
    ("a: &a [*a]", "a.yaml:1:8: '*a' refers to nothing above it"),
    ("[a]: 1", "a.yaml:1:1: found a list, mapping or reference as a key, expected a word"),
    ("? {a: 1}\n: 1", "a.yaml:1:3: found a list, mapping or reference as a key, expected a word"),
    ("k: &k x\n*k : 1", "a.yaml:2:1: found a list, mapping or reference as a key, expected a word"),
    ("a: 1\n: 1", "a.yaml:2:1: did not find expected key while parsing a block mapping that begins in line 1"),
    ("?\n: 1", "a.yaml:1:2: found no key, expected one"),
    ("a: b: c", "a.yaml:1:5: mapping values are not allowed in this context"),
    ("a:\n\t- b", "a.yaml:2:1: found a tab, expected spaces: YAML does not indent with tabs"),
    ("a: [1, 2", "a.yaml:2:1: did not find expected ',' or ']' while parsing a flow sequence that begins in line 1"),
    ("a: 'open", "a.yaml:1:9: found unexpected end of stream while scanning a quoted scalar that begins in line 1"),
    (
      "a: @x",
      "a.yaml:1:4: found character that cannot start any token while scanning for the next token that begins in line 1"
    ),
    ("a: 1\nb: \u{1}", "a.yaml:2:4: control characters are not allowed"),
  ])
  func `what is wrong is told with its place`(text: String, message: String) {
    #expect(Self.refusal(of: text) == message)
  }

  @Test func `a value knows where it stands in characters`() throws {
    let text = "# start\nmenu:\n  - {größe: 1, name: x}\n  - two\n"
    let root = try #require(try DocumentNode.yaml(text, file: "menu.yaml"))
    let list = try root.mapping(of: "a menu").required("menu").list()
    let first = try list[0].mapping(of: "an entry")
    #expect(list.map(\.location.description) == ["menu.yaml:3:5", "menu.yaml:4:5"])
    #expect(first.members.map(\.keyLocation.description) == ["menu.yaml:3:6", "menu.yaml:3:16"])
    #expect(try first.required("name").location.description == "menu.yaml:3:22")
  }

  @Test func `references multiply what they repeat and the product is bounded`() {
    var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    // A million values: many enough to be refused, few enough that a fault here does no harm.
    for level in 1...5 {
      let reference = "*a\(level - 1)"
      lines.append("a\(level): &a\(level) [" + Array(repeating: reference, count: 10).joined(separator: ",") + "]")
    }
    #expect(
      Self.refusal(of: lines.joined(separator: "\n")).hasSuffix("found more than 200000 values, references followed"))
    let asKey = lines.joined(separator: "\n") + "\n? *a5\n: 1"
    #expect(Self.refusal(of: asKey).hasSuffix("found more than 200000 values, references followed"))
  }

  @Test func `references count for depth`() {
    var lines = ["a0: &a0 x"]
    for level in 1...70 { lines.append("a\(level): &a\(level) [*a\(level - 1)]") }
    #expect(
      Self.refusal(of: lines.joined(separator: "\n"))
        == "a.yaml:65:12: found more than 64 lists and mappings within each other")
  }

  @Test func `depth is bounded`() {
    let deep = [
      String(repeating: "[", count: 100_000), String(repeating: "{a: ", count: 100_000),
      (0..<200).map { String(repeating: " ", count: $0) + "a:" }.joined(separator: "\n"),
      String(repeating: "- ", count: 50_000), String(repeating: "[", count: 65) + String(repeating: "]", count: 65),
    ]
    for text in deep {
      #expect(Self.refusal(of: text).hasSuffix("lists and mappings within each other"), "\(text.prefix(20))…")
    }
    #expect(
      Self.refusal(of: String(repeating: "[", count: 64) + String(repeating: "]", count: 64)).hasPrefix("read as [["))
  }

  @Test func `size is bounded before anything is read`() {
    let limits = DocumentLimits(bytes: 10, depth: 4, nodes: 3)
    #expect(Self.refusal(of: "a: 45678901", limits: limits) == "a.yaml:1:1: found 11 bytes, expected at most 10")
    #expect(
      Self.refusal(of: "[1,2,3]", limits: limits)
        == "a.yaml:1:6: found more than 3 values, references followed")
  }

  @Test func `changed bytes of a document never crash`() {
    let text = Array("a: &x {b: [1, 'two', \"three\\n\"], c: |\n  text\n}\n? k\n: *x\n--- !!str x\n# end\n".utf8)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<20_000 {
      var changed = text
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 0..<changed.count, using: &generator)
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: changed[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: changed.remove(at: place)
        default: changed.insert(text[Int.random(in: 0..<text.count, using: &generator)], at: place)
        }
      }
      _ = Self.refusal(of: String(decoding: changed, as: UTF8.self))
    }
  }
}
