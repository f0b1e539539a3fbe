import Documents
import Events
import Primitives
import Profiles
import Testing

/// The section `identity`, and what its limits, priorities and blocked values do.
@Suite struct IdentityDefinitionTests {
  private static func rules(_ yaml: String) throws -> IdentityRules {
    try IdentityRules(document: DocumentNode.yaml(yaml, file: "identity.yaml"))
  }

  private func known(_ number: UInt64, _ count: Int = 1, user: String? = nil, _ limited: [String: Int] = [:])
    -> KnownProfile
  {
    KnownProfile(
      id: profileID(number), createdAt: start + .seconds(Int(number)), userID: user, identifierCount: count,
      limitedCounts: limited)
  }

  private func email(_ name: String) -> Identifier { Identifier(namespace: "email", value: "\(name)@b.example") }

  @Test(
    arguments: [
      ("3", "1:1", "mapping"), ("limits: {}", "1:1", "'limits' is not a key"),
      ("identifers_max: 3", "1:1", "did you mean 'identifiers_max'?"),
      ("identifiers_max: 1", "1:18", "from 2 to 1000"), ("identifiers_max: 1001", "1:18", "from 2 to 1000"),
      ("blocked: null@b", "1:10", "a list"), ("blocked: [7]", "1:11", "quotes"), ("blocked: ['']", "1:11", "empty"),
      ("blocked: ['*']", "1:11", "at most one '*'"), ("blocked: [a, 'b*c']", "1:14", "at most one '*'"),
      ("blocked: ['*b*']", "1:11", "at most one '*'"), ("namespaces: [email]", "1:13", "mapping"),
      ("namespaces: {email: 3}", "1:21", "mapping"), ("namespaces: {email: {limit: 0}}", "1:29", "from 1 to 1000"),
      ("namespaces: {email: {max: 2}}", "1:22", "'max' is not a key of a namespace"),
      ("namespaces: {email: {priority: -1}}", "1:32", "from 0 to 1000"),
      ("namespaces: {user_id: {limit: 2}}", "1:31", "a person has one user_id"),
      ("namespaces: {user_id: {priority: 2}}", "1:34", "always comes before"),
    ] as [(String, String, String)])
  func `what cannot be meant is refused where it stands`(yaml: String, place: String, reason: String) throws {
    let error = try #require(throws: DocumentError.self) { try Self.rules(yaml) }
    #expect("\(error.location.line):\(error.location.column)" == place, "\(error)")
    #expect(error.description.contains(reason), "\(error)")
  }

  @Test func `no section, or an empty one, is the standard`() throws {
    #expect(try IdentityRules(document: nil) == .standard)
    #expect(try Self.rules("{}") == .standard)
    #expect(try Self.rules("namespaces: {email: , user_id: {limit: 1}}").hasLimits == false)
  }

  @Test(
    arguments: [
      ("null", true), ("NULL", true), ("[object Object]", true), ("nullable", false), ("test@example.com", true),
      ("Test@Example.com", true), ("a.test@example.com", false), ("anonymous@shop", true), ("me@anonymous", false),
      ("x@invalid.example", true), ("invalid.example.com", false), ("family@b.example", true),
    ] as [(String, Bool)])
  func `blocked values are whole, beginnings or ends, in any case of letters`(value: String, isBlocked: Bool) throws {
    let rules = try Self.rules(
      """
      blocked: [test@example.com, "anonymous@*", "*@invalid.example"]
      namespaces: {email: {blocked: [family@b.example]}}
      """)
    #expect(rules.isBlocked(Identifier(namespace: "email", value: value)) == isBlocked)
    let elsewhere = Identifier(namespace: "phone", value: value)
    #expect(rules.isBlocked(elsewhere) == (isBlocked && value != "family@b.example"))
  }

  @Test func `a blocked value joins nobody, and an event of nothing else is nobody's`() throws {
    let rules = try Self.rules("blocked: [family@b.example]")
    let (old, new) = (known(1), known(2))
    let shared = rules.plan(for: .of(.anonymous("a"), email("family")), known: [new, old])
    #expect(shared.target == .existing(new.id))
    #expect(shared.refusals.map(\.reason) == [.blockedValue])
    #expect(rules.plan(for: .of(.anonymous("null"), email("family")), known: [nil, old]).target == .nobody)
    // A user called "null" is no user: the event is the visitor's.
    let nameless = rules.plan(for: .of(.user("null"), .anonymous("a")), known: [nil, nil])
    #expect(nameless.linked == [.anonymous("a")])
    let alias = rules.plan(for: .of(.user("ann"), previous: "undefined"), known: [nil, nil, nil])
    #expect(alias.linked == [.user("ann")])
    #expect(alias.refusals.map(\.identifier) == [.anonymous("undefined")])
  }

  @Test func `a namespace's limit refuses what is beyond it, new or another profile's`() throws {
    let rules = try Self.rules("namespaces: {email: {limit: 2}}")
    let (one, two) = (known(1, 2, user: "ann", ["email": 1]), known(2, 3, ["email": 2]))
    func reasons(_ plan: IdentityPlan) -> [MergeRefusal.Reason] { plan.refusals.map(\.reason) }
    let linked = rules.plan(for: .of(.user("ann"), email("x")), known: [one, nil])
    #expect(linked.linked == [email("x")] && linked.refusals.isEmpty)
    let beyond = rules.plan(for: .of(.user("ann"), email("x"), email("y")), known: [one, nil, nil])
    #expect(beyond.linked == [email("x")] && reasons(beyond) == [.namespaceLimit])
    let merge = rules.plan(for: .of(.user("ann"), .anonymous("a")), known: [one, two])
    #expect(merge.target == .existing(one.id) && reasons(merge) == [.namespaceLimit])
    #expect(merge.refusals.map(\.other) == [two.id])
    // Whoever has too many already keeps their own events.
    let many = known(3, 9, ["email": 9])
    #expect(rules.plan(for: .of(.anonymous("a"), .anonymous("b")), known: [many, nil]).target == .existing(many.id))
  }

  @Test func `the most identifiers of a profile are those of the definitions`() throws {
    let rules = try Self.rules("identifiers_max: 2")
    let plan = rules.plan(for: .of(.user("ann"), .anonymous("a"), email("x")), known: [nil, nil, nil])
    #expect(plan.linked == [.user("ann"), .anonymous("a")])
    #expect(plan.refusals.map(\.reason) == [.tooManyIdentifiers])
    let merge = rules.plan(for: .of(.user("ann"), .anonymous("a")), known: [known(1, 2, user: "ann"), known(2)])
    #expect(merge.refusals.map(\.reason) == [.tooManyIdentifiers])
  }

  @Test func `where not all may come together, what has priority does`() throws {
    let rules = try Self.rules("namespaces: {email: {priority: 1}, crm_id: {priority: 2}}")
    let event = Event.of(.anonymous("a"), email("x"), Identifier(namespace: "crm_id", value: "7"))
    let (ann, bob) = (known(1, user: "ann"), known(2, user: "bob"))
    // Without priorities the first named decides.
    #expect(IdentityRules.standard.plan(for: event, known: [ann, bob, nil]).target == .existing(ann.id))
    let plan = rules.plan(for: event, known: [ann, bob, nil])
    #expect(plan.target == .existing(bob.id))
    #expect(plan.refusals.map(\.identifier) == [.anonymous("a")])
    // A user is before all.
    let named = rules.plan(for: .of(.user("ann"), email("x")), known: [ann, bob])
    #expect(named.target == .existing(ann.id))
  }

  @Test func `a link says which message brought what together, by which rule, and which profile came with it`() {
    let (old, new, ann) = (known(1), known(2), known(3, user: "ann"))
    let rules = IdentityRules.standard
    func link(_ identifier: Identifier, _ with: Identifier, _ rule: IdentityLink.Rule, _ merged: KnownProfile? = nil)
      -> IdentityLink
    {
      IdentityLink(identifier: identifier, with: with, rule: rule, messageID: "m", at: start, merged: merged?.id)
    }
    let (user, device) = (Identifier.user("ann"), Identifier.anonymous("a"))
    #expect(rules.plan(for: .of(device), known: [nil]).links.isEmpty)
    #expect(rules.plan(for: .of(user, device), known: [ann, ann]).links.isEmpty)
    #expect(rules.plan(for: .of(user, device), known: [nil, nil]).links == [link(device, user, .sharedEvent)])
    #expect(rules.plan(for: .of(user, device), known: [nil, old]).links == [link(device, user, .sharedEvent)])
    // The older profile is kept: what came with the link is the other, whichever was named first.
    #expect(rules.plan(for: .of(user, device), known: [ann, old]).links == [link(device, user, .sharedEvent, ann)])
    #expect(
      rules.plan(for: .of(device, email("x")), known: [old, new]).links == [link(email("x"), device, .sharedEvent, new)]
    )
    #expect(
      rules.plan(for: .of(user, previous: "a"), known: [ann, nil, nil]).links == [link(device, user, .alias)])
    let three = rules.plan(for: .of(user, device, email("x")), known: [ann, new, old]).links
    #expect(three == [link(device, user, .sharedEvent, new), link(email("x"), user, .sharedEvent, ann)])
  }

  @Test func `what was cut apart is refused, and the rest of the event counts`() {
    let (user, device) = (Identifier.user("ann"), Identifier.anonymous("a"))
    let cuts: Set = [IdentifierPair(device, user)]
    let plan = IdentityRules.standard.plan(for: .of(user, device, email("x")), known: [nil, nil, nil], cuts: cuts)
    #expect(plan.linked == [user, email("x")])
    #expect(plan.refusals.map(\.reason) == [.unmerged] && plan.refusals.map(\.identifier) == [device])
    let alias = IdentityRules.standard.plan(
      for: .of(user, previous: "a"), known: [known(1), known(2), nil], cuts: cuts)
    #expect(alias.target == .existing(profileID(1)))
  }
}
