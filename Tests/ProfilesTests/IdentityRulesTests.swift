import Events
import Primitives
import Profiles
import Testing

@Suite struct IdentityRulesTests {
  /// Profiles as the cases below name them: `old` and `new` are anonymous, `ann` and `bob` are users.
  private let old = KnownProfile(id: profileID(1), createdAt: start, userID: nil, identifierCount: 1)
  private let new = KnownProfile(id: profileID(2), createdAt: start + .seconds(9), userID: nil, identifierCount: 1)
  private let ann = KnownProfile(id: profileID(3), createdAt: start + .seconds(5), userID: "ann", identifierCount: 2)
  private let bob = KnownProfile(id: profileID(4), createdAt: start + .seconds(5), userID: "bob", identifierCount: 2)

  private func refusal(
    _ identifier: Identifier, _ other: KnownProfile?, _ reason: MergeRefusal.Reason
  ) -> MergeRefusal {
    MergeRefusal(identifier: identifier, other: other?.id, reason: reason, at: start)
  }

  private func plan(_ event: Event, _ known: KnownProfile?...) -> IdentityPlan {
    let plan = IdentityRules.standard.plan(for: event, known: known)
    // Links have a suite of their own.
    return IdentityPlan(target: plan.target, linked: plan.linked, refusals: plan.refusals)
  }

  @Test func `nobody known makes a new profile with all identifiers`() {
    #expect(plan(.of(.anonymous("a")), nil) == IdentityPlan(target: .create, linked: [.anonymous("a")]))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), nil, nil)
        == IdentityPlan(target: .create, linked: [.user("ann"), .anonymous("a")]))
  }

  @Test func `who is known stays, and brings along what is new`() {
    #expect(plan(.of(.user("ann"), .anonymous("a")), ann, ann) == IdentityPlan(target: .existing(ann.id)))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), ann, nil)
        == IdentityPlan(target: .existing(ann.id), linked: [.anonymous("a")]))
  }

  @Test func `an anonymous profile becomes its user's`() {
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), nil, old)
        == IdentityPlan(target: .existing(old.id), linked: [.user("ann")]))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), ann, old)
        == IdentityPlan(target: .merge(keep: old.id, absorb: [ann.id])))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), ann, new)
        == IdentityPlan(target: .merge(keep: ann.id, absorb: [new.id])))
  }

  @Test func `two users who share a device stay two, and the event is its user's`() {
    #expect(
      plan(.of(.user("bob"), .anonymous("a")), bob, ann)
        == IdentityPlan(target: .existing(bob.id), refusals: [refusal(.anonymous("a"), ann, .anotherUser)]))
    #expect(
      plan(.of(.user("bob"), .anonymous("a")), nil, ann)
        == IdentityPlan(
          target: .create, linked: [.user("bob")], refusals: [refusal(.anonymous("a"), ann, .anotherUser)]))
  }

  @Test func `identifiers of any namespace stitch, and the oldest profile is kept`() {
    let email = Identifier(namespace: "email", value: "a@b.example")
    #expect(
      plan(.of(.anonymous("a"), email), new, old) == IdentityPlan(target: .merge(keep: old.id, absorb: [new.id])))
    #expect(
      plan(.of(.user("ann"), .anonymous("a"), email), ann, new, old)
        == IdentityPlan(target: .merge(keep: old.id, absorb: [ann.id, new.id])))
    #expect(
      plan(.of(.anonymous("a"), email), ann, bob)
        == IdentityPlan(target: .existing(ann.id), refusals: [refusal(email, bob, .anotherUser)]))
    #expect(
      plan(.of(.anonymous("a"), email), old, bob) == IdentityPlan(target: .merge(keep: old.id, absorb: [bob.id])))
  }

  @Test func `of two profiles of one age the lower id is kept`() {
    let twin = KnownProfile(id: profileID(7), createdAt: old.createdAt, userID: nil, identifierCount: 1)
    let email = Identifier(namespace: "email", value: "a@b.example")
    for (first, second) in [(old, twin), (twin, old)] {
      #expect(
        plan(.of(.anonymous("a"), email), first, second)
          == IdentityPlan(target: .merge(keep: old.id, absorb: [twin.id])))
    }
  }

  @Test func `an event that names a second user is its first user's`() {
    #expect(
      plan(.of(.user("ann"), .user("bob"), .anonymous("a")), ann, bob, ann)
        == IdentityPlan(target: .existing(ann.id), refusals: [refusal(.user("bob"), bob, .secondUser)]))
    #expect(
      plan(.of(.user("ann"), .user("bob")), nil, nil)
        == IdentityPlan(target: .create, linked: [.user("ann")], refusals: [refusal(.user("bob"), nil, .secondUser)]))
  }

  @Test func `an alias joins the earlier id to its user`() {
    let alias = Event.of(.user("ann"), previous: "a")
    #expect(IdentityRules.lookups(of: alias) == [.user("ann"), .anonymous("a"), .user("a")])
    #expect(plan(alias, ann, old, nil) == IdentityPlan(target: .merge(keep: old.id, absorb: [ann.id])))
    #expect(plan(alias, nil, old, nil) == IdentityPlan(target: .existing(old.id), linked: [.user("ann")]))
    #expect(plan(alias, ann, nil, nil) == IdentityPlan(target: .existing(ann.id), linked: [.anonymous("a")]))
    #expect(
      plan(alias, nil, nil, nil) == IdentityPlan(target: .create, linked: [.user("ann"), .anonymous("a")]))
    #expect(plan(alias, ann, ann, nil) == IdentityPlan(target: .existing(ann.id)))
  }

  @Test func `an alias of another user is refused, and the event stands on its user's profile`() {
    let alias = Event.of(.user("ann"), previous: "bob")
    #expect(
      plan(alias, ann, nil, bob)
        == IdentityPlan(target: .existing(ann.id), refusals: [refusal(.user("bob"), bob, .previousIsUser)]))
    #expect(
      plan(alias, nil, nil, bob)
        == IdentityPlan(
          target: .create, linked: [.user("ann")], refusals: [refusal(.user("bob"), bob, .previousIsUser)]))
    #expect(
      plan(alias, ann, bob, nil)
        == IdentityPlan(target: .existing(ann.id), refusals: [refusal(.anonymous("bob"), bob, .anotherUser)]))
  }

  @Test func `an alias of oneself says nothing`() {
    #expect(plan(.of(.user("ann"), previous: "ann"), ann, nil, ann) == IdentityPlan(target: .existing(ann.id)))
    #expect(
      plan(.of(.user("ann"), previous: "ann"), nil, nil, nil)
        == IdentityPlan(target: .create, linked: [.user("ann")]))
  }

  @Test func `no profile gets more identifiers than a person has`() {
    func full(_ number: UInt64, _ count: Int, _ user: String? = nil) -> KnownProfile {
      KnownProfile(id: profileID(number), createdAt: start, userID: user, identifierCount: count)
    }
    let (almost, whole) = (full(11, 999, "ann"), full(12, 1_000, "ann"))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), almost, nil)
        == IdentityPlan(target: .existing(almost.id), linked: [.anonymous("a")]))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), whole, nil)
        == IdentityPlan(target: .existing(whole.id), refusals: [refusal(.anonymous("a"), nil, .tooManyIdentifiers)]))
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), whole, old)
        == IdentityPlan(target: .existing(whole.id), refusals: [refusal(.anonymous("a"), old, .tooManyIdentifiers)]))
    // A user always gets a place: here one of their own.
    let crowd = full(13, 1_000)
    #expect(
      plan(.of(.user("ann"), .anonymous("a")), nil, crowd)
        == IdentityPlan(
          target: .create, linked: [.user("ann")], refusals: [refusal(.anonymous("a"), crowd, .tooManyIdentifiers)]))
  }
}
