import Primitives
import Rules
import Testing

@Suite struct OutcomeTests {
  static func outcome(_ source: String) throws -> RuleOutcome {
    try Rule(parsing: source, expecting: .bool, schema: .shop).holds(in: ValueEnvironment.shop)
  }

  static let noAge = FieldPath("person", "traits", "age")

  @Test(
    arguments: [
      ("item.price < 50.0 && person.traits.plan == \"pro\"", .yes),
      ("item.price < 10 || item.stock == 3", .yes),
      ("item.price < 10", .no),
      ("person.features.orders_30d >= 3 ? item.is_new : false", .yes),
      ("context.hour >= 20 && context.device in [\"phone\", \"tablet\"]", .yes),
      ("now - item.published_at < duration(\"168h\")", .yes),
      ("item.attributes.sizes.exists(s, s == 38)", .yes),
      ("item.tags[1] == \"sale\" && item.attributes[\"colour\"] == \"red\"", .yes),
      ("person.features.affinity[item.category] > 0.5", .yes),
    ] as [(String, RuleOutcome)])
  func `a condition holds or does not`(source: String, expected: RuleOutcome) throws {
    #expect(try Self.outcome(source) == expected)
  }

  @Test(
    arguments: [
      ("person.traits.age > 18", .missing(noAge)),
      ("!(person.traits.age > 18)", .missing(noAge)),
      ("person.traits.age > 18 && item.is_new", .missing(noAge)),
      ("item.is_new && person.traits.age > 18", .missing(noAge)),
      ("person.traits.age > 18 && item.stock == 0", .no),
      ("item.stock == 0 && person.traits.age > 18", .no),
      ("person.traits.age > 18 || item.is_new", .yes),
      ("item.is_new || person.traits.age > 18", .yes),
      ("person.traits.age > 18 ? true : true", .missing(noAge)),
      ("item.is_new ? true : person.traits.age > 18", .yes),
      ("has(person.traits.age) && person.traits.age > 18", .no),
      ("!has(person.traits.age) || person.traits.age > 18", .yes),
      ("has(person.traits.address.city)", .no),
      ("has(person.traits.nickname)", .yes),
      ("person.traits.nickname == null", .yes),
      ("\"plan\" in person.traits && !(\"age\" in person.traits)", .yes),
      ("[1, 2].exists(x, x == person.traits.age)", .missing(noAge)),
      ("person.traits.age in [18, 19]", .missing(noAge)),
      ("person.features.affinity[\"hats\"] > 0.5", .missing(FieldPath("person", "features", "affinity", "hats"))),
      (
        "person.features.affinity[\"ha\" + \"ts\"] > 0.5", .missing(FieldPath("person", "features", "affinity", "hats"))
      ),
      ("person.traits.age > 18 && person.traits.height > 180", .missing(noAge)),
    ] as [(String, RuleOutcome)])
  func `a missing field is neither yes nor no, unless the rest decides alone`(source: String, expected: RuleOutcome)
    throws
  {
    #expect(try Self.outcome(source) == expected)
  }

  @Test(
    arguments: [
      ("person.traits.plan < 5", "'<' cannot compare a string with an int in 'person.traits.plan < 5'"),
      ("person.traits.plan", "a condition expected, found a string in 'person.traits.plan'"),
      ("person.traits.plan && true", "a condition expected, found a string in 'person.traits.plan'"),
      ("100 / (item.stock - 3) > 1", "division by zero in '100 / (item.stock - 3)'"),
      ("item.stock + 9223372036854775807 > 0", "an int overflows in 'item.stock + 9223372036854775807'"),
      ("person.traits.plan + 1 == 2", "'+' cannot join a string and an int in 'person.traits.plan + 1'"),
      ("item.tags[7] == \"new\"", "the index 7 is outside of a list of 2 in 'item.tags[7]'"),
      ("int(person.traits.plan) > 1", "a string that does not convert: \"pro\" in 'int(person.traits.plan)'"),
      (
        "now.getHours(person.traits.city) > 1",
        "'Köln' is no fixed offset such as \"+02:00\"; names of zones are not supported, "
          + "the person's own hour and weekday are fields in 'now.getHours(person.traits.city)'"
      ),
    ] as [(String, String)])
  func `what cannot be computed says why and where`(source: String, reason: String) throws {
    #expect(try Self.outcome(source) == .failed(reason))
    #expect(try Self.outcome("(\(source)) || true") == .yes)
    #expect(try Self.outcome("false && (\(source))") == .no)
  }

  @Test func `a value of another kind than declared fails the rule instead of deciding it`() throws {
    let rule = try Rule(parsing: "item.stock < 5 && item.stock != 3", expecting: .bool, schema: .shop)
    let wrong = ValueEnvironment(roots: ["item": .map(["stock": .string("many")])])
    #expect(rule.holds(in: wrong) == .failed("'<' cannot compare a string with an int in 'item.stock < 5'"))
  }

  @Test(
    arguments: [
      ("1", RuleType.double, RuleResult.value(.double(1))),
      ("person.traits.plan == \"pro\" ? 1.5 : 1.0", .double, .value(.double(1.5))),
      ("person.traits.plan", .double, .failed("a double expected, but the rule gives a string")),
      ("person.traits.age", .double, .missing(noAge)),
      ("item.tags.map(t, t + \"!\")", .list(.string), .value(.list([.string("new!"), .string("sale!")]))),
    ] as [(String, RuleType, RuleResult)])
  func `an expression gives its value as the type that is expected`(
    source: String, type: RuleType, expected: RuleResult
  ) throws {
    #expect(try Rule(parsing: source, expecting: type, schema: .shop).value(in: ValueEnvironment.shop) == expected)
  }

  @Test(
    arguments: [
      ("'é' == 'e\u{301}'", RuleOutcome.no), ("'e\u{301}' in ['é']", .no), ("'ﬁ' > 'zz'", .yes), ("'😀' > 'ﬁ'", .yes),
      ("size('e\u{301}') == 2", .yes), ("'e\u{301}'.startsWith('e')", .yes),
      ("9007199254740993 > 9007199254740992.0", .yes), ("9007199254740993 == 9007199254740992.0", .no),
      ("9223372036854775807 < 9223372036854775808.0", .yes), ("1 == 1.0", .yes), ("1 in [0.5, 1.0]", .yes),
      ("-9223372036854775808 == -9223372036854775808.0", .yes), ("0.0 / 0.0 == 0.0 / 0.0", .no),
      ("1 < 0.0 / 0.0 || 1 >= 0.0 / 0.0", .no), ("-1 > -1.5", .yes), ("-1.5 < -1", .yes), ("2.5 > 2", .yes),
    ] as [(String, RuleOutcome)])
  func `texts compare by code points and numbers on one line`(source: String, expected: RuleOutcome) throws {
    #expect(try Self.outcome(source) == expected)
  }

  @Test func `numbers of JSON are doubles however they were written`() throws {
    let environment = ValueEnvironment(roots: ["context": RuleValue(["whole": 5, "part": 5.5, "list": [1, 2]])])
    for (source, expected) in [
      ("context.whole * 1.5 == 7.5", RuleOutcome.yes), ("context.part * 1.5 == 8.25", .yes),
      ("context.whole == 5", .yes),
      ("context.list[context.whole - 4.0] == 2", .yes), ("5 in context.list || 2 in context.list", .yes),
    ] {
      #expect(try Rule(parsing: source, expecting: .bool, schema: .shop).holds(in: environment) == expected)
    }
  }
}
