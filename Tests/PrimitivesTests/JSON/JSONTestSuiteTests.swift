import Foundation
import Primitives
import Testing

@Suite struct JSONTestSuiteTests {
  @Test(arguments: JSONTestSuite.accepted)
  func `what is JSON is read, and Foundation agrees on its meaning`(example: JSONTestSuite.Case) throws {
    let value = try JSONDocument(parsing: example.bytes).root.value
    #expect(try JSONValue(parsing: value.text).text == value.text)
    guard !example.name.contains("duplicated_key") else { return }  // Foundation takes the first
    let reference = try JSONSerialization.jsonObject(with: Data(example.bytes), options: .fragmentsAllowed)
    #expect(Self.isSame(value, reference), "Foundation reads \(reference)")
  }

  private static func isSame(_ value: JSONValue, _ reference: Any) -> Bool {
    switch value {
    case .null: reference is NSNull
    case .bool(let value): reference as? Bool == value
    case .int, .double:
      // Foundation keeps long numbers as decimals, which round otherwise.
      (reference as? NSNumber).map { abs($0.doubleValue - (value.double ?? .nan)) <= 1e-15 * abs($0.doubleValue) }
        ?? false
    case .string(let value): reference as? String == value
    case .array(let values):
      (reference as? [Any]).map { $0.count == values.count && zip(values, $0).allSatisfy { isSame($0, $1) } } ?? false
    case .object(let object):
      (reference as? [String: Any]).map { members in
        members.count == object.count
          && object.members.allSatisfy { member in members[member.key].map { isSame(member.value, $0) } ?? false }
      } ?? false
    }
  }

  @Test(arguments: JSONTestSuite.refused)
  func `what is not JSON is refused with the place`(example: JSONTestSuite.Case) {
    do throws(JSONError) {
      let value = try JSONDocument(parsing: example.bytes).root.value
      Issue.record("read as \(value.text)")
    } catch {
      #expect((0...example.bytes.count).contains(error.offset))
      #expect(!error.message.isEmpty)
    }
  }

  @Test func `no beginning of a text is a text, but for numbers`() throws {
    for example in JSONTestSuite.accepted {
      let trimmed = Array(
        String(decoding: example.bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).utf8)
      guard let first = trimmed.first, !"-0123456789".utf8.contains(first) else { continue }
      for count in 0..<trimmed.count {
        #expect(throws: JSONError.self, "\(example.name), \(count) bytes") {
          try JSONDocument(parsing: Array(trimmed[..<count]))
        }
      }
    }
  }

  @Test(arguments: [
    ("[1,2", JSONError.Code.syntax, 4, "the text ends within an array"),
    (#"{"a":1"#, .syntax, 6, "the text ends within an object"),
    (#"{"a" 1}"#, .syntax, 5, "a colon expected, found '1'"),
    ("{1:2}", .syntax, 1, "a key expected, found '1'"),
    ("[1 2]", .syntax, 3, "a comma or a closing bracket expected, found '2'"),
    (#"{"a":1]"#, .syntax, 6, "a comma or a closing brace expected, found ']'"),
    ("[1] 2", .syntax, 4, "the end of the text expected, found '2'"),
    ("", .syntax, 0, "the text ends where a value should stand"),
    ("[\u{7}]", .syntax, 1, "a value expected, found byte 0x7"),
    ("1e400", .range, 0, "a number beyond the range of a double"),
    ("1.x", .syntax, 2, "a digit after the point expected, found 'x'"),
    ("1e+", .syntax, 3, "a digit in the exponent expected, found the end of the text"),
    ("\"ab\ncd\"", .syntax, 3, "a control character within a string; it must be escaped"),
    (#""a\qb""#, .syntax, 2, "an unknown escape in a string"),
    (#""\u12G4""#, .syntax, 5, "four hexadecimal digits expected in an escape"),
    (#""\ud800x""#, .encoding, 1, "half a surrogate pair in a string"),
    ("[[[[[1]]]]]", .depth, 4, "more than 4 arrays and objects within each other"),
  ])
  func `an error says what was expected and found, and where`(
    text: String, code: JSONError.Code, offset: Int, message: String
  ) {
    do throws(JSONError) {
      _ = try JSONDocument(parsing: Array(text.utf8), limits: JSONLimits(depth: 4))
      Issue.record("read")
    } catch {
      #expect(error.code == code)
      #expect(error.message == message)
      #expect(error.offset == offset)
    }
  }

  @Test func `depth is allowed up to its limit, counted along one path`() throws {
    let wide = "[" + Array(repeating: "[[[]]]", count: 1_000).joined(separator: ",") + "]"
    #expect(try JSONDocument(parsing: Array(wide.utf8), limits: JSONLimits(depth: 4)).root.count == 1_000)
    for (depth, isRead) in [(63, true), (64, true), (65, false), (1_000, false)] {
      for (open, close) in [("[", "]"), (#"{"k":["#, "]}")] {
        let levels = open == "[" ? depth : (depth + 1) / 2
        guard open == "[" || depth % 2 == 0 else { continue }
        let text = String(repeating: open, count: levels) + String(repeating: close, count: levels)
        #expect(((try? JSONDocument(parsing: Array(text.utf8))) != nil) == isRead, "\(depth) of \(open)")
      }
    }
  }
}
