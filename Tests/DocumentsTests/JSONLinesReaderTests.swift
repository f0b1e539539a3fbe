import Documents
import Primitives
import Testing

@Suite struct JSONLinesReaderTests {
  static func outcomes(_ text: String, lineBytesMax: Int = 1 << 20) throws -> [String] {
    var reader = JSONLinesReader(ByteSource(Array(text.utf8)), lineBytesMax: lineBytesMax)
    var found: [String] = []
    while let outcome = try reader.next() {
      switch outcome {
      case .row(let line):
        found.append("\(line.position.line)@\(line.position.offset) \(line.document.root.value.text)")
      case .bad(let line): found.append("\(line.position.line)@\(line.position.offset) bad: \(line.reason)")
      }
    }
    return found
  }

  @Test(arguments: [
    ("", []), ("\n  \n\t\r\n", []), ("{}", ["1@0 {}"]), ("\u{FEFF}1\n2", ["1@3 1", "2@5 2"]),
    ("{\"a\": 1}\r\n\r\n[2]\r\n", ["1@0 {\"a\":1}", "3@12 [2]"]),
    (
      "{}\n{\n}\n3",
      [
        "1@0 {}", "2@3 bad: a key expected, found the end of the text at byte 1",
        "3@5 bad: a value expected, found '}' at byte 0",
        "4@7 3",
      ]
    ),
    ("1 2\n3", ["1@0 bad: the end of the text expected, found '2' at byte 2", "2@4 3"]),
    ("12345678\n123456789\n1", ["1@0 12345678", "2@9 bad: a line that is too long", "3@19 1"]),
  ])
  func `a bad line is a value and the next is read`(text: String, expected: [String]) throws {
    #expect(try Self.outcomes(text, lineBytesMax: 8) == expected)
  }

  @Test func `reading goes on where it stopped`() throws {
    let text = Array("{\"n\":0}\n{\"n\":1}\nbad\n{\"n\":3}".utf8)
    var reader = JSONLinesReader(ByteSource(text))
    _ = try reader.next()
    let position = reader.position
    #expect(position == TextPosition(offset: 8, line: 2))
    var resumed = JSONLinesReader(ByteSource(Array(text[position.offset...])), at: position)
    guard case .row(let line) = try resumed.next() else { Issue.record("no row"); return }
    #expect(line.document.root["n"]?.int == 1)
    #expect(resumed.position == TextPosition(offset: 16, line: 3))
  }
}
