import Catalog
import HTTPTypes
import Primitives

/// The items of a body: a JSON array, JSON lines, or one object.
struct ItemLines {
  struct Refused {
    /// From 1: the line of JSON lines, the place in an array.
    let line: Int
    let code: String
    let message: String
    let field: String?

    func write(into list: inout JSONWriter) {
      list.object {
        $0.member("line", line)
        $0.member("code", code)
        $0.member("message", message)
        if let field { $0.member("field", field) }
      }
    }
  }

  struct Line {
    let line: Int
    let change: CatalogChange
  }

  /// The good ones.
  private(set) var lines: [Line] = []
  private(set) var refused: [Refused] = []

  /// - Parameter max: Items of one call.
  /// - Throws: `Problem` for a body that cannot be read or has too many; a bad line is refused by itself.
  init(_ call: Call, max: Int) throws(Problem) {
    let start = call.body.firstIndex { !isSpace($0) }
    guard let start else { throw Problem(.badRequest, "missing_body", "the call needs items; the body is empty") }
    if call.body[start] == UInt8(ascii: "[") {
      for (index, view) in try call.json().elements.enumerated() { read(view, line: index + 1) }
    } else if let whole = try? JSONDocument(parsing: call.body).root {  // lines are no JSON text together
      guard whole.isObject else {
        throw Problem(.badRequest, "invalid_type", "the body is \(whole.kindInWords), expected items")
      }
      read(whole, line: 1)
    } else {
      try readLines(call.body)
    }
    guard lines.count + refused.count <= max else { throw .tooMany("items", max: max) }
  }

  /// - Throws: `Problem` when not one line is JSON: then the body is something else.
  private mutating func readLines(_ body: [UInt8]) throws(Problem) {
    var line = 1
    var start = 0
    var isReadable = false
    var firstError: Problem?
    while start < body.count {
      let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex
      if body[start..<end].contains(where: { !isSpace($0) }) {
        do throws(JSONError) {
          let document = try JSONDocument(parsing: body, range: start..<end)
          isReadable = true
          read(document.root, line: line)
        } catch {
          let problem = Problem(error)
          firstError = firstError ?? problem
          refused.append(Refused(line: line, code: problem.code, message: problem.message, field: nil))
        }
      }
      start = end + 1
      line += 1
    }
    if !isReadable, let firstError { throw firstError }
  }

  private mutating func read(_ view: JSONView, line: Int) {
    do throws(CatalogRefusal) {
      lines.append(Line(line: line, change: try CatalogChange(upserting: view)))
    } catch {
      refused.append(Refused(error, line: line))
    }
  }
}

extension ItemLines.Refused {
  init(_ refusal: CatalogRefusal, line: Int) {
    self.init(line: line, code: refusal.code.rawValue, message: refusal.message, field: refusal.field)
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
