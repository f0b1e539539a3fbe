import Primitives
import Testing

@testable import Rules

@Suite struct RandomRuleTests {
  /// Every operation in parentheses, so that reading it back needs no precedence.
  static func printed(_ syntax: Syntax) -> String {
    switch syntax.form {
    case .literal(.int(let value)) where value < 0: return "(\(value))"  // else a sign before it would join it
    case .literal(let value): return value.description
    case .name(let name): return name
    case .select(let operand, let name, _): return "\(printed(operand)).\(name)"
    case .index(let operand, let position): return "\(printed(operand))[\(printed(position))]"
    case .call(let call):
      let target = call.target.map { printed($0) + "." } ?? ""
      return "\(target)\(call.name)(\(call.arguments.map(printed).joined(separator: ", ")))"
    case .list(let values): return "[\(values.map(printed).joined(separator: ", "))]"
    case .map(let entries):
      return "{\(entries.map { "\(printed($0.key)): \(printed($0.value))" }.joined(separator: ", "))}"
    case .not(let operand): return "(!\(printed(operand)))"
    case .negate(let operand): return "(-\(printed(operand)))"
    case .and(let terms): return "(\(terms.map(printed).joined(separator: " && ")))"
    case .or(let terms): return "(\(terms.map(printed).joined(separator: " || ")))"
    case .conditional(let it): return "(\(printed(it.condition)) ? \(printed(it.yes)) : \(printed(it.no)))"
    case .binary(let binary, let left, let right, _): return "(\(printed(left)) \(binary.symbol) \(printed(right)))"
    }
  }

  @Test func `a rule printed with all its parentheses reads as itself and means the same`() throws {
    let fixture = try CelCases()
    var compared = 0
    for each in fixture.cases {
      guard let syntax = try? Parser.parse(each.rule, limits: .standard) else { continue }
      let text = Self.printed(syntax)
      #expect(try Self.printed(Parser.parse(text, limits: .standard)) == text, "\(each.rule)")
      guard let rule = try? Rule(parsing: each.rule, expecting: .dyn, schema: CelCases.schema) else { continue }
      let again = try Rule(parsing: text, expecting: .dyn, schema: CelCases.schema)
      let values = (rule.value(in: fixture.environment).value, again.value(in: fixture.environment).value)
      #expect(values.0?.description == values.1?.description, "\(each.rule)")
      compared += 1
    }
    #expect(compared > 400)
  }

  static let words = [
    "item.price", "item.stock", "item.tags", "item.id", "person.traits.plan", "context.x", "now", "true", "null", "1",
    "2.5", "'a'", "\"é\"", "[", "]", "(", ")", "{", "}", ",", ":", "?", ".", "&&", "||", "!", "-", "+", "*", "/", "%",
    "==",
    "!=", "<", ">=", "in", "has(", "size(", "int(", "string(", "timestamp('2026-01-01T00:00:00Z')", "duration('1h')",
    ".exists(x, ", ".map(x, ", "x", ".getHours()", ".contains(", "r'\\'", "'''", "//", "\n", "\\", "0x1F", "\u{0}", "€",
  ]

  @Test func `no text makes reading or evaluating crash`() throws {
    var generator = SeededGenerator(seed: 20_260_301)
    let cases = try CelCases().cases
    var accepted = 0
    for round in 0..<3_000 {
      var text: String
      if round % 2 == 0 {
        let words = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
          Self.words.randomElement(using: &generator)
        }
        text = words.compactMap { $0 }.joined(separator: Bool.random(using: &generator) ? " " : "")
      } else {
        // A rule that was right, with some bytes changed.
        var bytes = Array((cases.randomElement(using: &generator)?.rule ?? "1").utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
          bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0x20...0x7E, using: &generator)
        }
        text = String(decoding: bytes, as: UTF8.self)
      }
      accepted += check(text)
    }
    #expect(accepted > 100, "the texts are too wild to test evaluation")
  }

  /// 1 when the rule was accepted, and then it was evaluated and explained.
  private func check(_ text: String) -> Int {
    do {
      let rule = try Rule(parsing: text, expecting: .dyn, schema: .shop.withCases)
      let result = rule.value(in: ValueEnvironment.shop)
      #expect("\(rule.explain(in: ValueEnvironment.shop).result)" == "\(result)")
      if case .failed(let reason) = result { #expect(!reason.isEmpty) }
      return 1
    } catch {
      #expect(error.line >= 1 && error.column >= 1 && !error.message.isEmpty)
      return 0
    }
  }

  /// A random expression that reads well, over values of every kind.
  private func expression(_ depth: Int, _ generator: inout SeededGenerator) -> String {
    func inner() -> String { expression(depth - 1, &generator) }
    let leaves = [
      "item.price", "item.stock", "item.tags", "item.id", "item.is_new", "person.traits.plan", "person.traits.nope",
      "context.hour", "now", "true", "false", "null", "0", "-7", "9223372036854775807", "2.5", "1e300", "''", "'Köln'",
      "[]",
      "[1, 2]", "{'a': 1}", "duration('36h')", "item.published_at", "person.features.affinity",
    ]
    guard depth > 0 else { return leaves.randomElement(using: &generator) ?? "1" }
    switch Int.random(in: 0..<12, using: &generator) {
    case 0:
      return "dyn(\(inner())) \(["<", "<=", "==", "!=", ">", ">="].randomElement(using: &generator) ?? "<") \(inner())"
    case 1:
      return "dyn(\(inner())) \(["+", "-", "*", "/", "%"].randomElement(using: &generator) ?? "+") dyn(\(inner()))"
    case 2: return "dyn(\(inner())) && dyn(\(inner()))"
    case 3: return "dyn(\(inner())) || dyn(\(inner()))"
    case 4: return "!dyn(\(inner()))"
    case 5: return "-dyn(\(inner()))"
    case 6: return "dyn(\(inner())) ? dyn(\(inner())) : dyn(\(inner()))"
    case 7: return "dyn(\(inner())) in dyn(\(inner()))"
    case 8: return "dyn(\(inner()))[dyn(\(inner()))]"
    case 9: return "dyn(\(inner())).map(x, dyn(\(inner())) == x)"
    case 10:
      let name = ["size", "int", "double", "string", "bool", "timestamp", "duration"].randomElement(using: &generator)
      return "\(name ?? "size")(dyn(\(inner())))"
    default: return "(\(inner()))"
    }
  }

  @Test func `random expressions evaluate to the same value twice, printed and as written`() throws {
    var generator = SeededGenerator(seed: 7)
    var values = 0
    for _ in 0..<1_500 {
      let text = expression(Int.random(in: 1...4, using: &generator), &generator)
      guard let rule = try? Rule(parsing: text, expecting: .dyn, schema: .shop) else { continue }
      let again = try Rule(
        parsing: Self.printed(Parser.parse(text, limits: .standard)), expecting: .dyn, schema: .shop)
      let (first, second) = (rule.value(in: ValueEnvironment.shop), again.value(in: ValueEnvironment.shop))
      #expect(first.value?.description == second.value?.description, "\(text)")
      if first.value != nil { values += 1 }
    }
    #expect(values > 80)
  }
}

extension RuleSchema {
  /// The shop's fields and those of the reference cases.
  fileprivate var withCases: RuleSchema {
    RuleSchema(roots.merging(["since": .value(.timestamp)]) { own, _ in own })
  }
}
