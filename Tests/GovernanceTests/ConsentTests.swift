import Governance
import Primitives
import Testing

@Suite struct ConsentTests {
  private let marketing = Purpose(rawValue: "marketing")

  private func statement(_ purpose: Purpose, _ isGranted: Bool, _ second: Int64) -> ConsentStatement {
    ConsentStatement(purpose: purpose, isGranted: isGranted, at: Timestamp(seconds: second))
  }

  private func consent(_ statements: [ConsentStatement]) -> Consent {
    statements.reduce(into: Consent()) { $0.record($1) }
  }

  /// Statements of few purposes at few moments, so that they meet often.
  private func randomStatements(_ count: Int, _ generator: inout SeededGenerator) -> [ConsentStatement] {
    let purposes = [.personalization, marketing, Purpose(rawValue: "analytics")]
    return (0..<count).map { _ in
      statement(
        purposes.randomElement(using: &generator) ?? marketing, Bool.random(using: &generator),
        Int64.random(in: 0...4, using: &generator))
    }
  }

  @Test(
    arguments: [
      ([(true, 1)], true), ([(false, 1)], false), ([(true, 1), (false, 2)], false), ([(false, 1), (true, 2)], true),
      ([(false, 2), (true, 1)], false), ([(true, 3), (false, 3)], false), ([(false, 3), (true, 3)], false),
    ] as [([(Bool, Int64)], Bool)])
  func `the latest statement counts, and of two at one moment the refusal`(said: [(Bool, Int64)], allowed: Bool) {
    let consent = consent(said.map { statement(.personalization, $0.0, $0.1) })
    for fallback in [ConsentDefault.allowed, .required] {
      #expect(consent.allows(.personalization, byDefault: fallback) == allowed)
    }
  }

  @Test func `silence means what the workspace says it means`() {
    let consent = consent([statement(marketing, true, 1)])
    #expect(consent.allows(.personalization, byDefault: .allowed))
    #expect(!consent.allows(.personalization, byDefault: .required))
    #expect(consent.allows(marketing, byDefault: .required))
  }

  @Test func `the order of arrival makes no difference`() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let statements = randomStatements(8, &generator)
      #expect(consent(statements) == consent(statements.shuffled(using: &generator)))
    }
  }

  @Test(
    arguments: [
      ((true, 1), (false, 9), (false, 9)), ((true, 9), (false, 1), (false, 1)), ((true, 1), (true, 9), (true, 9)),
      ((false, 1), (false, 9), (false, 9)),
    ] as [((Bool, Int64), (Bool, Int64), (Bool, Int64))])
  func `of two profiles that are one person the more restrictive statement stays`(
    one: (Bool, Int64), other: (Bool, Int64), expected: (Bool, Int64)
  ) {
    let (first, second) = (
      consent([statement(marketing, one.0, one.1)]), consent([statement(marketing, other.0, other.1)])
    )
    for (left, right) in [(first, second), (second, first)] {
      var merged = left
      merged.merge(right)
      #expect(merged[marketing] == statement(marketing, expected.0, expected.1))
    }
  }

  @Test func `a merge is the same whichever way and in whatever grouping`() {
    var generator = SeededGenerator(seed: 2)
    func merged(_ all: Consent...) -> Consent { all.dropFirst().reduce(into: all[0]) { $0.merge($1) } }
    for _ in 0..<300 {
      let (a, b, c) = (
        consent(randomStatements(3, &generator)), consent(randomStatements(3, &generator)),
        consent(randomStatements(3, &generator))
      )
      #expect(merged(a, b) == merged(b, a))
      #expect(merged(merged(a, b), c) == merged(a, merged(b, c)))
      #expect(merged(a, a) == a)
      #expect(merged(a, Consent()) == a)
    }
  }

  @Test func `purposes are bounded, the first by name are kept, and personalization always`() {
    var generator = SeededGenerator(seed: 3)
    let names = (0..<300).map { "a\(1_000 + $0)" }
    let statements = names.map { statement(Purpose(rawValue: $0), true, 1) } + [statement(.personalization, false, 1)]
    let orders = [statements, statements.reversed(), statements.shuffled(using: &generator)]
    for order in orders {
      let consent = consent(order)
      #expect(consent.statements.map(\.purpose.rawValue) == names.prefix(199) + ["personalization"])
      #expect(!consent.allows(.personalization, byDefault: .allowed))
    }
  }

  @Test func `consent survives its encoding, and shows who may do what since when`() throws {
    let consent = consent([statement(.personalization, false, 0), statement(marketing, true, 60)])
    var writer = BinaryWriter()
    consent.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try Consent(from: &reader) == consent)
    #expect(reader.isAtEnd)
    var json = JSONWriter()
    consent.write(to: &json)
    #expect(
      String(decoding: json.bytes, as: UTF8.self)
        == #"{"marketing":{"granted":true,"at":"1970-01-01T00:01:00.000Z"},"#
        + #""personalization":{"granted":false,"at":"1970-01-01T00:00:00.000Z"}}"#)
  }
}
