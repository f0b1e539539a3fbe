import Rules
import Testing

@Suite struct LimitTests {
  static func times(_ count: Int, _ part: String, between: String = "") -> String {
    Array(repeating: part, count: count).joined(separator: between)
  }

  @Test(
    arguments: [
      (times(32, "(") + "1" + times(32, ")"), "accepted"),
      (times(33, "(") + "1" + times(33, ")"), "1:34: more than 32 levels of nesting"),
      (times(1_000, "["), "1:34: more than 32 levels of nesting"),
      (times(500, "!") + "true", "accepted"),
      (times(501, "-") + "1", "accepted"),
      (times(32, "true", between: " && "), "accepted"),
      (times(500, "true", between: "||"), "accepted"),
      (times(32, "true ? false : ") + "true", "accepted"),
      (times(32, "1", between: " + "), "accepted"),
      (times(200, "1", between: "+"), "1:1: more than 100 operators on top of each other"),
      (times(600, "1", between: "+"), "1:514: more than 512 operators, operands and calls"),
      ("[" + times(256, "1", between: ",") + "]", "accepted"),
      ("[" + times(257, "1", between: ",") + "]", "1:514: more than 256 elements in the list"),
      ("'" + times(8_190, "a") + "'", "accepted"),
      ("'" + times(8_191, "a") + "'", "1:1: the rule is longer than 8192 bytes"),
    ] as [(String, String)])
  func `a rule is bounded in bytes, depth, nodes and elements`(source: String, expected: String) {
    #expect(RefusalTests.refusal(of: source) == expected)
  }

  static let doubling = times(40, ".map(x, x + x)")
  static let nesting = times(40, ".map(x, [x, x])")

  @Test(arguments: [
    "context.numbers.map(x, context.numbers.map(y, context.numbers.exists(z, z == x + y)))",
    "context.numbers.exists(x, context.numbers.exists(y, context.numbers.exists(z, z < 0 || 1 / 0 == 1)))",
    "['ab']\(doubling)",
    "[[1]]\(doubling)",
    "[1]\(nesting)",
    "[1]\(nesting) == [1]\(nesting)",
    "context.numbers.map(x, context.numbers) == context.numbers.map(x, context.numbers)",
    "context.numbers.map(x, context.text + context.text).all(t, t.contains(context.text + 'z'))",
  ])
  func `an evaluation ends, however much its author asks for`(source: String) throws {
    let environment = ValueEnvironment(roots: [
      "context": .map([
        "numbers": .list((0..<500).map { .int($0) }), "text": .string(Self.times(10_000, "ab")),
      ])
    ])
    let rule = try Rule(parsing: source, expecting: .dyn, schema: .shop)
    guard case .failed(let reason) = rule.value(in: environment) else {
      Issue.record("it ended without meeting the bound")
      return
    }
    #expect(reason.contains("more than 20000 steps") || reason.contains("more than 65536 bytes"))
  }

  @Test func `an ordinary walk through a history is far from the bound`() throws {
    let environment = ValueEnvironment(roots: ["context": .map(["seen": .list((0..<1_000).map { .int($0) })])])
    let rule = try Rule(
      parsing: "context.seen.exists(x, x > 998 && x % 2 == 1 && x != 5)", expecting: .bool, schema: .shop)
    #expect(rule.holds(in: environment) == .yes)
  }

  @Test(arguments: [(10_000, RuleOutcome.no), (10_001, .failed("the rule takes more than 20000 steps on this data"))])
  func `a turn of a macro costs the nodes of its body and one more`(count: Int, expected: RuleOutcome) throws {
    let environment = ValueEnvironment(roots: ["context": .map(["seen": .list(Array(repeating: .null, count: count))])])
    let rule = try Rule(parsing: "context.seen.exists(x, false)", expecting: .bool, schema: .shop)
    #expect(rule.holds(in: environment) == expected)
  }
}
