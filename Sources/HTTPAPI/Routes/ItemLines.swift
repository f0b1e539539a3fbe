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

  /// - Throws: `Problem` for an array that cannot be read; a bad line is refused by itself.
  init(_ call: Call) throws(Problem) {
    let start = call.body.firstIndex { !isSpace($0) }
    guard let start else { throw Problem(.badRequest, "missing_body", "the call needs items; the body is empty") }
    if call.body[start] == UInt8(ascii: "[") {
      for (index, view) in try call.json().elements.enumerated() { read(view, line: index + 1) }
    } else if !isFirstLineWhole(call.body), let document = try? JSONDocument(parsing: call.body) {
      read(document.root, line: 1)  // one object, written over several lines
    } else {
      readLines(call.body)
    }
  }

  private func isFirstLineWhole(_ body: [UInt8]) -> Bool {
    let end = body.firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex
    return (try? JSONDocument(parsing: body, range: 0..<end)) != nil
  }

  private mutating func readLines(_ body: [UInt8]) {
    var line = 1
    var start = 0
    while start < body.count {
      let end = body[start...].firstIndex(of: UInt8(ascii: "\n")) ?? body.endIndex
      if body[start..<end].contains(where: { !isSpace($0) }) {
        do throws(JSONError) {
          read(try JSONDocument(parsing: body, range: start..<end).root, line: line)
        } catch {
          let problem = Problem(error)
          refused.append(Refused(line: line, code: problem.code, message: problem.message, field: nil))
        }
      }
      start = end + 1
      line += 1
    }
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
