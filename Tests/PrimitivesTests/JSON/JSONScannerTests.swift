import Primitives
import Testing

@Suite struct JSONScannerTests {
  /// The reading of a string's content by the rules of RFC 8259, byte by byte.
  static func isPlainString(_ content: [UInt8]) -> Bool {
    guard let text = String(validating: content, as: UTF8.self) else { return false }
    return !text.utf8.contains { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C }
  }

  @Test func `every byte at every place of a word is seen, whatever stands beside it`() throws {
    // What the eight-byte test could confuse: neighbours that are one off from a stop, in every position.
    let neighbours: [UInt8] = [0x20, 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x61]
    for byte in UInt8.min...UInt8.max {
      for place in 0..<17 {
        for neighbour in neighbours {
          var content = [UInt8](repeating: neighbour, count: 17)
          content[place] = byte
          let isRead = (try? JSONDocument(parsing: [0x22] + content + [0x22])) != nil
          // An escape before a plain character may be a valid one.
          guard byte != 0x5C || neighbour != 0x5C else { continue }
          #expect(isRead == Self.isPlainString(content), "\(byte) at \(place) among \(neighbour)")
        }
      }
    }
  }

  @Test func `random bytes in a string are read exactly when they are plain UTF-8`() {
    var generator = SeededGenerator(seed: 11)
    let likely: [UInt8] = [
      0x1F, 0x20, 0x21, 0x22, 0x23, 0x61, 0x7F, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF, 0x00,
    ]
    for _ in 0..<100_000 {
      let content = (0..<Int.random(in: 0...20, using: &generator)).map { _ in
        Bool.random(using: &generator) ? 0x61 : likely[Int.random(in: 0..<likely.count, using: &generator)]
      }
      let isRead = (try? JSONDocument(parsing: [0x22] + content + [0x22])) != nil
      if isRead != Self.isPlainString(content) { Issue.record("\(content)") }
    }
  }

  @Test func `UTF-8 is checked as the standard library does, for every lead and second byte`() {
    for lead in UInt8(0x80)...0xFF {
      for second in UInt8.min...UInt8.max where second != 0x22 && second != 0x5C && second >= 0x20 {
        for tail in [[], [0x80], [0x80, 0xBF], [0xBF, 0xBF], [0x80, 0x20], [0xC0, 0x80]] as [[UInt8]] {
          let content = [lead, second] + tail
          let isRead = (try? JSONDocument(parsing: [0x22] + content + [0x22])) != nil
          if isRead != Self.isPlainString(content) { Issue.record("\(content)") }
        }
      }
    }
  }

  @Test func `a text within others is read as if it stood alone, with offsets in the whole`() throws {
    let around = Array("[9,\"".utf8)
    let text = Array(#"{"a":[1,"zwölf"],"b":1.5}"#.utf8)
    let bytes = around + text + around
    let document = try JSONDocument(parsing: bytes, range: around.count..<around.count + text.count)
    #expect(document.root.value == (try JSONDocument(parsing: text)).root.value)
    #expect(Array(document.root.rawBytes) == text)
    #expect(document.root["b"]?.range == around.count + 22..<around.count + 25)
    for end in 0..<text.count {
      do throws(JSONError) {
        _ = try JSONDocument(parsing: bytes, range: around.count..<around.count + end)
        Issue.record("read \(end) bytes")
      } catch {
        #expect((around.count...around.count + end).contains(error.offset))
      }
    }
    #expect(try JSONDocument(parsing: bytes, range: 1..<2).root.int == 9)
    #expect(throws: JSONError.self) { try JSONDocument(parsing: bytes, range: 5..<5) }
  }

  @Test func `a text of very many small values is read whole`() throws {
    for count in [0, 1, 7, 8, 9, 100, 10_000] {
      let text = "[" + Array(repeating: "1", count: count).joined(separator: ",") + "]"
      let root = try JSONDocument(parsing: Array(text.utf8)).root
      #expect(root.elements.reduce(0) { $0 + Int($1.int ?? 0) } == count)
      let object = "{" + Array(repeating: "\"\":0", count: count).joined(separator: ",") + "}"
      #expect(try JSONDocument(parsing: Array(object.utf8)).root.count == count)
    }
    let nested = String(repeating: "[[],", count: 60) + "[]" + String(repeating: "]", count: 60)
    #expect(try JSONValue(parsing: nested).text == nested)
  }

  @Test func `changed, cut and repeated bytes never crash, and what is read can be read through`() throws {
    var generator = SeededGenerator(seed: 5)
    let corpus =
      JSONTestSuite.accepted.map(\.bytes)
      + [Array(#"{"k":[1,-2.5e3,"x\u00e9\ud83d\ude00",{"n":null,"t":true,"f":false}],"ключ":"значение 🛒"}"#.utf8)]
    var readCount = 0
    for _ in 0..<60_000 {
      var bytes = corpus[Int.random(in: 0..<corpus.count, using: &generator)]
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        guard !bytes.isEmpty else { break }
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(Array(#"{}[]",:\0e-"#.utf8).randomElement(using: &generator) ?? 0, at: place)
        case 3: bytes.removeLast(bytes.count - place)
        default: bytes += bytes[place...]
        }
      }
      guard let document = try? JSONDocument(parsing: bytes) else { continue }
      readCount += 1
      let value = document.root.value
      #expect(try JSONValue(parsing: value.text).text == value.text)
      _ = document.root["k"]?["n"]
    }
    #expect(readCount > 1_000)
  }
}
