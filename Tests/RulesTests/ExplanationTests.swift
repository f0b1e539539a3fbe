import Primitives
import Rules
import Testing

@Suite struct ExplanationTests {
  static func json(_ source: String, expecting: RuleType = .bool) throws -> String {
    let rule = try Rule(parsing: source, expecting: expecting, schema: .shop)
    var writer = JSONWriter()
    rule.explain(in: ValueEnvironment.shop).write(into: &writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  @Test func `each condition between && is a part in the author's words, with its values`() throws {
    #expect(
      try Self.json("item.price<50.0 &&\n person.traits.plan == \"free\"") == """
        {"rule":"item.price<50.0 &&\\n person.traits.plan == \\"free\\"","outcome":"no","parts":[\
        {"text":"item.price<50.0","outcome":"held","values":["item.price = 12.5"]},\
        {"text":"person.traits.plan == \\"free\\"","outcome":"failed","values":["person.traits.plan = \\"pro\\""]}]}
        """)
  }

  @Test func `a part that decided nothing is explained too, a missing field is named`() throws {
    #expect(
      try Self.json("item.stock == 0 && person.traits.age >= 18 && 1 / (item.stock - 3) == 1") == """
        {"rule":"item.stock == 0 && person.traits.age >= 18 && 1 / (item.stock - 3) == 1","outcome":"no","parts":[\
        {"text":"item.stock == 0","outcome":"failed","values":["item.stock = 3"]},\
        {"text":"person.traits.age >= 18","outcome":"missing","missing":"person.traits.age",\
        "values":["person.traits.age is missing"]},\
        {"text":"1 / (item.stock - 3) == 1","outcome":"error",\
        "reason":"division by zero in '1 / (item.stock - 3)'","values":["item.stock = 3"]}]}
        """)
  }

  @Test func `joined, turned and chosen conditions have parts of their own`() throws {
    #expect(
      try Self.json("(item.is_new || item.stock > 5) && !(item.price > 5.0)") == """
        {"rule":"(item.is_new || item.stock > 5) && !(item.price > 5.0)","outcome":"no","parts":[\
        {"text":"(item.is_new || item.stock > 5)","outcome":"held","parts":[\
        {"text":"item.is_new","outcome":"held","values":["item.is_new = true"]},\
        {"text":"item.stock > 5","outcome":"failed","values":["item.stock = 3"]}]},\
        {"text":"!(item.price > 5.0)","outcome":"failed","parts":[\
        {"text":"(item.price > 5.0)","outcome":"held","values":["item.price = 12.5"]}]}]}
        """)
  }

  @Test func `a boost shows the condition and the branch that was taken`() throws {
    #expect(
      try Self.json("person.features.orders_30d > 3 ? 1.0 + item.price : 1.0", expecting: .double) == """
        {"rule":"person.features.orders_30d > 3 ? 1.0 + item.price : 1.0","outcome":"value","value":13.5,"parts":[\
        {"text":"person.features.orders_30d > 3 ? 1.0 + item.price : 1.0","outcome":"value","value":13.5,"parts":[\
        {"text":"person.features.orders_30d > 3","outcome":"held","values":["person.features.orders_30d = 4"]},\
        {"text":"1.0 + item.price","outcome":"value","value":13.5,"values":["item.price = 12.5"]}]}]}
        """)
    let noBranch = try Rule(
      parsing: "person.traits.age > 3 ? 2.0 : 1.0", expecting: .double, schema: .shop
    ).explain(in: ValueEnvironment.shop)
    #expect(noBranch.result == .missing(FieldPath("person", "traits", "age")))
    #expect(noBranch.parts[0].parts.count == 1)
    let other = try Rule(parsing: "item.stock > 3 ? 2.0 : 1.5", expecting: .double, schema: .shop)
    #expect(other.explain(in: ValueEnvironment.shop).parts[0].parts.map(\.text) == ["item.stock > 3", "1.5"])
  }

  @Test func `values are listed once and shortened, times are readable`() throws {
    let long = ValueEnvironment(roots: [
      "context": .map(["note": .string(String(repeating: "ä", count: 500))]), "now": .timestamp(Timestamp(seconds: 0)),
    ])
    let rule = try Rule(
      parsing: "context.note != '' && now - duration('90m') < now && (context.note + context.note).size() > 3",
      expecting: .bool, schema: .shop)
    let parts = rule.explain(in: long).parts
    #expect(parts[0].values == ["context.note = \"" + String(repeating: "ä", count: 199) + "…"])
    #expect(parts[1].values == ["now = timestamp(\"1970-01-01T00:00:00Z\")"])
    #expect(parts[2].values.count == 1)
  }

  @Test func `an explanation agrees with the outcome on every case of the reference`() throws {
    let fixture = try CelCases()
    for each in fixture.cases {
      guard let rule = try? Rule(parsing: each.rule, expecting: .dyn, schema: CelCases.schema) else { continue }
      let explanation = rule.explain(in: fixture.environment)
      #expect("\(explanation.result)" == "\(rule.value(in: fixture.environment))", "\(each.rule)")
      if case .value(.bool(true)) = explanation.result, explanation.parts.count > 1 {
        #expect(explanation.parts.allSatisfy { $0.outcome == .held }, "\(each.rule)")
      }
      #expect(explanation.parts.allSatisfy { each.rule.contains($0.text) }, "\(each.rule)")
    }
  }
}
