import Documents
import Primitives
import Testing

@Suite struct LineReaderTests {
  /// A source that gives its bytes in pieces of `size`.
  static func pieces(of bytes: [UInt8], size: Int) -> ByteSource {
    var rest = bytes[...]
    return ByteSource { count in
      defer { rest = rest.dropFirst(min(size, count)) }
      return Array(rest.prefix(min(size, count)))
    }
  }

  static func lines(_ text: String, size: Int = 1_000, lineBytesMax: Int = 1 << 20) throws -> [RawLine] {
    var reader = LineReader(pieces(of: Array(text.utf8), size: size), lineBytesMax: lineBytesMax)
    var lines: [RawLine] = []
    while let line = try reader.next() { lines.append(line) }
    return lines
  }

  @Test(arguments: [
    ("", []), ("a", ["0:1:a"]), ("a\n", ["0:1:a"]), ("\n", ["0:1:"]), ("a\nb", ["0:1:a", "2:2:b"]),
    ("a\r\nb\r\n", ["0:1:a", "3:2:b"]), ("a\rb\n", ["0:1:a\rb"]), ("\r\n\r\n", ["0:1:", "2:2:"]),
    ("a\r", ["0:1:a\r"]), ("\u{FEFF}a\nb", ["3:1:a", "5:2:b"]), ("\u{FEFF}", []),
    ("a\n\u{FEFF}b", ["0:1:a", "2:2:\u{FEFF}b"]),
  ])
  func `lines end in LF or CR LF and know their place`(text: String, expected: [String]) throws {
    for size in [1, 2, 3, 1_000] {
      let found = try Self.lines(text, size: size).map {
        "\($0.position.offset):\($0.position.line):" + String(decoding: $0.bytes, as: UTF8.self)
      }
      #expect(found == expected)
    }
  }

  @Test func `a line that is too long is passed over and told`() throws {
    for size in [1, 7, 1_000] {
      for end in ["\n", "\r\n"] {
        let text = ["12345678", "123456789", String(repeating: "x", count: 50), "ok"].joined(separator: end)
        let lines = try Self.lines(text, size: size, lineBytesMax: 8)
        #expect(lines.map(\.isTooLong) == [false, true, true, false])
        #expect(lines.map(\.position.line) == [1, 2, 3, 4])
        #expect(lines[3].position.offset == text.utf8.count - 2)
      }
    }
  }

  @Test func `reading goes on at any line's position`() throws {
    let text = Array((0..<200).map { "line \($0)" }.joined(separator: "\r\n").utf8)
    var reader = LineReader(ByteSource(text))
    for number in 0..<200 {
      var resumed = LineReader(ByteSource(Array(text[reader.position.offset...])), at: reader.position)
      let line = try reader.next()
      #expect(try resumed.next() == line)
      #expect(line?.bytes == Array("line \(number)".utf8))
    }
    #expect(try reader.next() == nil)
    #expect(reader.position == TextPosition(offset: text.count, line: 201))
  }

  @Test func `a long line is never held longer than the bound`() throws {
    var given = 0
    let source = ByteSource { count in
      guard given < 50_000_000 else { return [] }
      given += count
      return [UInt8](repeating: 0x61, count: count)
    }
    var reader = LineReader(source, lineBytesMax: 1 << 20)
    let line = try #require(try reader.next())
    #expect(line.isTooLong)
    #expect(line.bytes.count == 4_096)
    #expect(reader.position.offset == given)
  }
}
