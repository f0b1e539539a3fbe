import Catalog
import Documents
import Events
import Governance
import Primitives
import Profiles
import Rules
import Testing

@testable import Features

@Suite struct SituationTests {
  static let now = FeatureWorld.start + .seconds(3_600)
  let world = FeatureWorld(.standard)

  /// Ann, who viewed mugs, on a mobile in Bern; the request says more of the page.
  func situation(stranger: Bool = false) throws -> Situation {
    var context = ContextFacts()
    (context.device, context.hour) = ("mobile", 9)
    let request = try JSONDocument(parsing: Array(#"{"page": {"kind": "cart", "empty": null}, "device": "x"}"#.utf8))
    guard !stranger else {
      return Situation(
        profile: nil, features: nil, set: world.set, context: context, contextMembers: nil, now: Self.now)
    }
    var profile = Profile(
      id: ProfileID(SortableID(time: Self.now, entropy: Digest128(high: 1, low: 2))), createdAt: Self.now)
    var identify = Event(
      messageID: "1", kind: .identify, name: "identify", identifiers: [.user("ann")], timestamp: Self.now,
      receivedAt: Self.now)
    let traits = #"{"plan": "pro", "age": 31, "region": "CH-BE", "address": {"city": "Bern"}, "left": null}"#
    identify.traits = try JSONDocument(parsing: Array(traits.utf8)).root
    profile.fold(identify)
    profile.apply(IdentityPlan(target: .create, linked: [.user("ann")]))
    let views = try (0..<3).map { try world.act(.view, "mug", Double($0)) }
    return Situation(
      profile: profile, features: world.state(views), history: world.history(views), set: world.set, context: context,
      contextMembers: request.root, now: Self.now)
  }

  func catalog() throws -> ItemCatalog {
    var catalog = ItemCatalog()
    let item = CatalogItem(
      id: "mug", title: "Mug", text: "A mug", categories: ["kitchen", "gifts"], tags: ["blue"], price: 12.5,
      currency: "CHF", margin: 4, stock: 3, regions: ["CH-BE"], ageMin: 16, publishedAt: Self.now - .seconds(86_400),
      attributes: JSONObject(members: [
        .init(key: "size", value: ["width": 8]), .init(key: "brand", value: "acme"), .init(key: "gone", value: nil),
      ]))
    try catalog.apply(.upsert(id: "mug", PackedItem(item)), revision: 1)
    _ = catalog.intern("rumour")
    return catalog
  }

  @Test(arguments: [
    (#"person.id.startsWith("p_")"#, true), ("person.identified", true), ("person.age >= 18", true),
    (#"person.traits.plan == "pro""#, true), (#"person.traits.address.city == "Bern""#, true),
    ("has(person.traits.left)", false), ("has(person.traits.unknown)", false),
    ("person.features.views_7d == 3", true), (#"person.features.top_category == "kitchen""#, true),
    ("person.features.category_affinity.kitchen > 0.9", true),
    (#"person.features.category_affinity[item.categories[0]] > 0.9"#, true),
    ("has(person.features.category_affinity.garden)", false), ("has(person.features.average_cart_value)", false),
    (#"item.id == "mug" && item.title == "Mug" && item.text == "A mug""#, true),
    (#""gifts" in item.categories && "blue" in item.tags && "CH-BE" in item.regions"#, true),
    (#"item.price < 20 && item.currency == "CHF" && item.margin == 4.0"#, true),
    ("item.available && item.stock > 2 && item.age_min <= person.age && item.is_new", true),
    ("now - item.published_at == duration(\"24h\")", true),
    (#"item.attributes.size.width == 8 && item.attributes.brand == "acme""#, true),
    ("has(item.attributes.gone) || has(item.attributes.colour)", false),
    (#"context.device == "mobile" && context.hour == 9"#, true), (#"context.region == "CH-BE""#, true),
    (#"context.page.kind == "cart""#, true), ("has(context.page.empty) || has(context.os)", false),
  ])
  func `rules see the person, the item, the context and the time`(source: String, holds: Bool) throws {
    let rule = try Rule(parsing: source, expecting: .bool, schema: world.set.schema)
    let list = CandidateList(catalog: try catalog(), situation: try situation())
    let mug = list[ItemOrdinal(0)]
    #expect(rule.holds(in: mug) == (holds ? .yes : .no))
    #expect(rule.bound(world.set.slot).holds(in: mug) == (holds ? .yes : .no))
  }

  @Test(arguments: [
    "person.id == \"\"", "person.age > 18", "person.traits.plan == \"pro\"", "person.features.views_7d == 0",
    "person.features.lifecycle_stage == \"new\"", "context.os == \"ios\"", "context.page.kind == \"x\"",
    "context.region == \"CH\"", "item.price > 0.0", "item.available", "item.is_new", "size(item.categories) == 0",
    "item.attributes.brand == \"x\"",
  ])
  func `of strangers and of items only heard of nearly everything is missing`(source: String) throws {
    let rule = try Rule(parsing: source, expecting: .bool, schema: world.set.schema)
    let rumour = Candidate(item: ItemOrdinal(1), catalog: try catalog(), situation: try situation(stranger: true))
    for rule in [rule, rule.bound(world.set.slot)] {
      guard case .missing = rule.holds(in: rumour) else {
        Issue.record("\(source): \(rule.holds(in: rumour))")
        continue
      }
    }
    #expect(
      try Rule(parsing: "!person.identified", expecting: .bool, schema: world.set.schema).holds(in: rumour) == .yes)
    #expect(
      try Rule(parsing: #"item.id == "rumour""#, expecting: .bool, schema: world.set.schema).holds(in: rumour) == .yes)
  }

  @Test(arguments: [
    "person.fetures.views_7d", "person.features.views_8d", "item.prise", "perosn.id", "item.categories.x",
  ])
  func `what is not declared is refused when the rule is read`(source: String) {
    #expect(throws: RuleError.self) { try Rule(parsing: source, expecting: .dyn, schema: world.set.schema) }
  }

  @Test func `the region of the context goes before that of the trait`() throws {
    let known = try situation()
    var context = ContextFacts()
    #expect(known.value(of: FieldPath("context", "region")) == .string("CH-BE"))
    context.region = "AT"
    let travelling = Situation(
      profile: known.profile, features: nil, set: world.set, context: context, contextMembers: nil, now: Self.now)
    #expect(travelling.value(of: FieldPath("context", "region")) == .string("AT"))
  }

  @Test func `every numbered field has the declared type and the value of its path`() throws {
    let mug = Candidate(item: ItemOrdinal(0), catalog: try catalog(), situation: try situation())
    for slot in SituationSlot.allCases {
      #expect(world.set.slot(of: slot.path) == slot.rawValue)
      #expect(mug.value(slot: slot.rawValue) == mug.value(of: slot.path), "\(slot)")
      _ = try Rule(parsing: slot.path.description, expecting: slot.type, schema: world.set.schema)
    }
    for definition in world.set.definitions {
      let path = FieldPath("person", "features", definition.name)
      let slot = try #require(world.set.slot(of: path))
      #expect(mug.value(slot: slot) == mug.value(of: path), "\(definition.name)")
    }
  }

  @Test(
    arguments: [
      (#"{"age": 17}"#, 17), (#"{"age": 17.9}"#, 17), (#"{"age": "42"}"#, 42), (#"{"age": -1}"#, nil),
      (#"{"age": 1e300}"#, nil),
      (#"{"age": "old"}"#, nil), (#"{"birthday": "2008-02-02"}"#, 18), (#"{"birthday": "2008-02-03"}"#, 17),
      (#"{"birthday": "2008-02-03T10:00:00Z", "age": 50}"#, 17), (#"{"birthday": "soon", "age": 50}"#, 50),
      (#"{"date_of_birth": "2030-01-01"}"#, nil), ("{}", nil),
    ] as [(String, Int?)])
  func `age is whole years, by the birthday when there is one`(traits: String, age: Int?) throws {
    var profile = Profile(
      id: ProfileID(SortableID(time: Self.now, entropy: Digest128(high: 1, low: 2))), createdAt: Self.now)
    var identify = Event(
      messageID: "1", kind: .identify, name: "identify", identifiers: [.user("ann")], timestamp: Self.now,
      receivedAt: Self.now)
    identify.traits = try JSONDocument(parsing: Array(traits.utf8)).root
    profile.fold(identify)
    #expect(profile.age(at: Self.now) == age)  // on 2026-02-02
  }

  @Test func `a selection reads what rules ask for, and what that is made of`() throws {
    let events = try (0..<3).map { try world.act(.purchase, "mug", Double($0), value: 10) }
    let selection = world.set.selection(for: [
      FieldPath("person", "features", "average_cart_value"), FieldPath("item", "price"), FieldPath("person", "age"),
    ])
    let values = world.set.values(
      of: world.state(events), history: ItemHistory(), dwell: ItemDwell(), at: Self.now, only: selection)
    let known = world.set.definitions.indices.filter { values[$0] != nil }.map { world.set.definitions[$0].name }
    #expect(known == ["average_cart_value", "monetary_365d", "orders_365d"])
  }
}
