import Rules
import Testing

@Suite struct SlotTests {
  /// Knows two fields by number and one by path.
  struct Numbered: RuleEnvironment {
    func value(slot: Int) -> RuleValue? { slot == 7 ? .double(12.5) : nil }
    func value(of path: FieldPath) -> RuleValue? { path == FieldPath("item", "stock") ? .int(3) : nil }
  }

  @Test func `fields are listed once, in the order of the text, with what has and in ask for`() throws {
    let rule = try Rule(
      parsing: "item.price < 5.0 || has(person.traits.plan) && item.tags.exists(t, t == item.id) && item.price > 1.0 "
        + "&& \"vip\" in person.traits",
      expecting: .bool, schema: .shop)
    #expect(
      rule.fields.map(\.description)
        == ["item.price", "person.traits.plan", "item.tags", "item.id", "person.traits.vip"])
  }

  @Test func `a bound rule asks by slot where there is one and by path where there is none`() throws {
    let rule = try Rule(parsing: "item.price > 12.0 && item.stock == 3", expecting: .bool, schema: .shop)
    #expect(rule.holds(in: Numbered()) == .missing(FieldPath("item", "price")))
    let bound = rule.bound { $0 == FieldPath("item", "price") ? 7 : nil }
    #expect(bound.holds(in: Numbered()) == .yes)
    #expect(bound.source == rule.source)
    let elsewhere = rule.bound { $0 == FieldPath("item", "price") ? 8 : nil }
    #expect(elsewhere.holds(in: Numbered()) == .missing(FieldPath("item", "price")))
    #expect(elsewhere.explain(in: Numbered()).parts[0].values == ["item.price is missing"])
  }

  @Test func `a declared field takes its place in the schema`() throws {
    var schema = RuleSchema(["person": .record(["traits": .open])])
    schema.declare(FieldPath("person", "features", "orders"), as: .value(.int))
    schema.declare(FieldPath("person", "traits", "age"), as: .value(.int))
    schema.declare(FieldPath("now"), as: .value(.timestamp))
    _ = try Rule(
      parsing: "person.features.orders > 3 && person.traits.age > 3 && person.traits.plan == 1 && now != null",
      expecting: .bool, schema: schema)
    #expect(throws: RuleError.self) { try Rule(parsing: "person.traits.age == 'x'", expecting: .bool, schema: schema) }
  }

  @Test(
    arguments: [
      (FieldPath("person", "traits", "plan"), "person.traits.plan"),
      (FieldPath("item", "attributes", "max load"), "item.attributes[\"max load\"]"),
      (FieldPath("item", "in"), "item[\"in\"]"), (FieldPath("item", "2nd"), "item[\"2nd\"]"), (FieldPath("now"), "now"),
    ] as [(FieldPath, String)])
  func `a path is written as a rule would write it`(path: FieldPath, expected: String) {
    #expect(path.description == expected)
  }
}

/// Environments that know the entries of a map one by one.
@Suite struct EntryTests {
  struct Entries: RuleEnvironment {
    func value(of path: FieldPath) -> RuleValue? { path == FieldPath("item", "category") ? .string("shoes") : nil }
    func value(of path: FieldPath, key: String) -> RuleValue? {
      path == FieldPath("person", "features", "affinity") && key == "shoes" ? .double(0.75) : nil
    }
    func value(slot: Int) -> RuleValue? { .map(["shoes": .double(Double(slot))]) }
  }

  @Test(
    arguments: [
      ("person.features.affinity[item.category] > 0.5", RuleOutcome.yes),
      ("item.category in person.features.affinity", .yes),
      ("item.category + 's' in person.features.affinity", .no),
      (
        "person.features.affinity[item.category + 's'] > 0.5",
        .missing(FieldPath("person", "features", "affinity", "shoess"))
      ),
    ] as [(String, RuleOutcome)])
  func `a computed key asks the environment for that entry, not for the map`(
    source: String, expected: RuleOutcome
  ) throws {
    #expect(try Rule(parsing: source, expecting: .bool, schema: .shop).holds(in: Entries()) == expected)
  }

  @Test func `an entry of a bound map is looked up in the map of that slot`() throws {
    let rule = try Rule(
      parsing: "person.features.affinity[item.category] == 4", expecting: .bool, schema: .shop
    ).bound { $0.root == "person" ? 4 : nil }
    #expect(rule.holds(in: Entries()) == .yes)
  }
}
