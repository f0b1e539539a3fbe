import Documents
import Foundation
import Primitives
import Testing

@Suite struct DelimitedReaderTests {
  /// Rows as `[a|b]`, bad lines as `line: reason`.
  static func outcomes(
    _ bytes: [UInt8], _ format: DelimitedFormat = DelimitedFormat(header: .columns([])), size: Int = 1_000,
    rowBytesMax: Int = 1 << 20
  ) throws -> [String] {
    var reader = try DelimitedReader(
      LineReaderTests.pieces(of: bytes, size: size), format: format, rowBytesMax: rowBytesMax)
    var found: [String] = []
    while let outcome = try reader.next() {
      switch outcome {
      case .row(let row): found.append("[" + row.fields.joined(separator: "|") + "]")
      case .bad(let line): found.append("\(line.position.line): \(line.reason)")
      }
    }
    return found
  }

  @Test(arguments: [
    ("", []), ("a", ["[a]"]), ("a,b\n", ["[a|b]"]), ("a,b\r\nc,d", ["[a|b]", "[c|d]"]), (",", ["[|]"]),
    ("a,,c\n", ["[a||c]"]), ("a\n\n\nb", ["[a]", "[b]"]), ("\"a\"", ["[a]"]), ("\"\"", ["[]"]), ("\"\",\"\"", ["[|]"]),
    ("\"a,b\",c", ["[a,b|c]"]), ("\"a\nb\",c\nd", ["[a\nb|c]", "[d]"]), ("\"a\r\n\r\nb\",c\r\n", ["[a\r\n\r\nb|c]"]),
    ("\"say \"\"hi\"\"\",x", ["[say \"hi\"|x]"]), ("\"\"\"\"", ["[\"]"]), ("\"\"\"\n\"\"\"", ["[\"\n\"]"]),
    ("a\"b,c", ["[a\"b|c]"]), (" \"a\",b", ["[ \"a\"|b]"]), ("\u{FEFF}\"a\",b", ["[a|b]"]),
    ("\"a\"b,c\nd", ["1: text after a closing quote in field 1", "[d]"]),
    ("x,\"open\ny,z\nlast", ["1: a quote that is not closed", "[y|z]", "[last]"]),
    ("\"a\n\"b\nc", ["1: text after a closing quote in field 1", "2: a quote that is not closed", "[c]"]),
    ("\"", ["1: a quote that is not closed"]), ("a,\"b\",", ["[a|b|]"]),
  ])
  func `rows are read as RFC 4180 says`(text: String, expected: [String]) throws {
    for size in [1, 3, 1_000] { #expect(try Self.outcomes(Array(text.utf8), size: size) == expected) }
  }

  @Test func `any fields read back from their quoted form`() throws {
    var generator = SeededGenerator(seed: 3)
    let alphabet: [Character] = ["a", "ü", ",", "\"", "\n", "\r\n", " ", "🛒"]
    for _ in 0..<2_000 {
      let rows = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
        (0..<3).map { _ in
          String((0..<Int.random(in: 0...6, using: &generator)).map { _ in alphabet.randomElement(using: &generator)! })
        }
      }
      let text = rows.map { row in
        row.map { "\"" + $0.replacing("\"", with: "\"\"") + "\"" }.joined(separator: ",")
      }.joined(separator: "\r\n")
      var reader = try DelimitedReader(
        ByteSource(Array(text.utf8)), format: DelimitedFormat(header: .columns(["a", "b", "c"])))
      for row in rows {
        guard case .row(let found) = try reader.next() else { Issue.record("\(text)"); return }
        #expect(found.fields == row)
      }
      #expect(try reader.next() == nil)
    }
  }

  @Test func `the header names columns and fixes their number`() throws {
    var reader = try DelimitedReader(ByteSource(Array("user,item\nu1,i1\nu2\nu3,i3,x\nu4,i4\n".utf8)))
    #expect(reader.columns == ["user", "item"])
    #expect(reader.column("item") == 1)
    #expect(reader.column("price") == nil)
    var found: [String] = []
    while let outcome = try reader.next() {
      switch outcome {
      case .row(let row): found.append("\(row.position.line) \(row[1] ?? "")\(row[2] ?? "")\(row[-1] ?? "")")
      case .bad(let line): found.append("\(line.position.line) \(line.reason)")
      }
    }
    #expect(found == ["2 i1", "3 found 1 fields, expected 2", "4 found 3 fields, expected 2", "5 i4"])
  }

  @Test func `a header that cannot be read is an error with its place`() throws {
    func message(_ text: String) -> String {
      do {
        _ = try DelimitedReader(ByteSource(Array(text.utf8)), file: "a.csv")
        return ""
      } catch { return "\(error)" }
    }
    #expect(message("a,b,a\n1,2,3") == "a.csv:1:1: the header has several columns named 'a'")
    #expect(message("\n\"a") == "a.csv:2:1: the header cannot be read: a quote that is not closed")
    #expect(message("") == "")
  }

  @Test func `the separator may be any ASCII text`() throws {
    func found(_ text: String, _ separator: String, quotes: Bool = true) throws -> [String] {
      try Self.outcomes(
        Array(text.utf8), DelimitedFormat(separator: separator, allowsQuotes: quotes, header: .columns([])))
    }
    #expect(try found("a\tb,c\t\"d\te\"", "\t") == ["[a|b,c|d\te]"])
    #expect(try found("1::2::3:4", "::") == ["[1|2|3:4]"])
    #expect(try found("1::2:", "::") == ["[1|2:]"])
    #expect(try found("1::", "::") == ["[1|]"])
    #expect(try found("1|\"x|2", "|", quotes: false) == ["[1|\"x|2]"])
  }

  @Test func `bytes are read in the encoding asked for`() throws {
    let latin = Array("caf".utf8) + [0xE9, 0x0A] + Array("ü".utf8)
    func found(_ encoding: TextEncoding) throws -> [String] {
      try Self.outcomes(latin, DelimitedFormat(header: .columns([]), encoding: encoding))
    }
    #expect(try found(.utf8) == ["1: bytes that are not UTF-8", "[ü]"])
    #expect(try found(.utf8OrLatin1) == ["[café]", "[ü]"])
    #expect(try found(.latin1) == ["[café]", "[Ã¼]"])
  }

  @Test func `rows and lines are bounded`() throws {
    let long = String(repeating: "x", count: 30)
    #expect(
      try Self.outcomes(Array("a\n\(long)\nb".utf8), rowBytesMax: 20)
        == ["[a]", "2: a line of more than 20 bytes", "[b]"])
    #expect(
      try Self.outcomes(Array("\"0123456789\n0123456789\n0123456789\",x\nb".utf8), rowBytesMax: 20)
        == ["1: a quote that is not closed", "[0123456789]", "[0123456789\"|x]", "[b]"])
    #expect(
      try Self.outcomes(Array("\"a\n\(long)\nb".utf8), rowBytesMax: 20)
        == ["1: a quote that is not closed", "2: a line of more than 20 bytes", "[b]"])
    // Each line opens a quote that the next does not close; each row gives up after a bounded number of lines.
    let hostile = String(repeating: "a\",\"b\n", count: 1_200)
    #expect(try Self.outcomes(Array(hostile.utf8)).count == 1_200)
  }

  @Test func `reading a file goes on at the position of any row`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "rows-\(UInt64.random(in: 0...UInt64.max)).csv")
      .path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let text = "\u{FEFF}id,text\r\n" + (0..<50).map { "\($0),\"line\r\nof \($0)\"\r\n\"bad\"x\r\n" }.joined()
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    func described(_ outcome: LineOutcome<DelimitedRow>?) -> String {
      switch outcome {
      case .row(let row): "\(row.position) \(row.fields)"
      case .bad(let line): "\(line)"
      case nil: "end"
      }
    }
    var reader = try DelimitedReader(path: path)
    for _ in 0..<101 {
      var resumed = try DelimitedReader(path: path, resumingAt: reader.position)
      #expect(resumed.columns == ["id", "text"])
      #expect(described(try resumed.next()) == described(try reader.next()))
    }
    #expect(try reader.next() == nil)
    #expect(throws: (any Error).self) { try DelimitedReader(path: path + ".missing") }
  }
}
