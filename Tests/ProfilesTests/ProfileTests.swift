import Events
import Governance
import Primitives
import Profiles
import Testing

@Suite struct ProfileTests {
  /// Identify and track calls about few traits and purposes at few moments, so that they meet often.
  private func randomEvents(_ count: Int, _ generator: inout SeededGenerator) throws -> [Event] {
    try (0..<count).map { number in
      let names = ["plan", "city", "age"].filter { _ in Bool.random(using: &generator) }
      let traits = names.map { name in
        "\"\(name)\": \([#""pro""#, "null", "7", "[1, 2]"].randomElement(using: &generator) ?? "1")"
      }
      let purpose =
        [Purpose.personalization, Purpose(rawValue: "ads")].randomElement(using: &generator) ?? .personalization
      var event = try Event.identify(
        "{\(traits.joined(separator: ","))}", "m\(number)", seconds: Int.random(in: -3...3, using: &generator),
        consent: Bool.random(using: &generator) ? [(purpose, Bool.random(using: &generator))] : [])
      if Bool.random(using: &generator) { event.kind = .track }
      return event
    }
  }

  @Test func `the same events in any order give the same profile`() throws {
    var generator = SeededGenerator(seed: 11)
    for round in 0..<200 {
      let events = try randomEvents(10, &generator)
      let inOrder = Profile(folding: events)
      for _ in 0..<4 {
        #expect(Profile(folding: events.shuffled(using: &generator)) == inOrder, "seed 11, round \(round)")
      }
    }
  }

  @Test func `what two profiles know is the same whichever absorbs the other`() throws {
    var generator = SeededGenerator(seed: 12)
    for round in 0..<200 {
      let one = Profile(1, folding: try randomEvents(6, &generator)).link(.user("u"), .anonymous("a"))
      let other = Profile(2, folding: try randomEvents(6, &generator)).link(.anonymous("b"), .anonymous("a"))
      var (left, right) = (one, other)
      left.absorb(other)
      right.absorb(one)
      #expect(left.id == one.id)
      #expect(left.absorbed == [other.id])
      #expect(right.absorbed == [one.id])
      for (leftPart, rightPart) in zip(content(left), content(right)) {
        #expect(leftPart == rightPart, "seed 12, round \(round)")
      }
    }
  }

  @Test func `absorbing is what folding all events into one would have been, but for stricter consent`() throws {
    var generator = SeededGenerator(seed: 13)
    for _ in 0..<200 {
      let events = try randomEvents(10, &generator)
      let parts = (Array(events.prefix(4)), Array(events.dropFirst(4)))
      var merged = Profile(1, folding: parts.0)
      merged.absorb(Profile(2, folding: parts.1))
      let whole = Profile(1, folding: events)
      #expect(merged.traits == whole.traits)
      #expect(merged.eventCount == whole.eventCount)
      #expect(merged.createdAt == whole.createdAt)
      #expect(merged.lastSeenAt == whole.lastSeenAt)
      for statement in whole.consent.statements where !statement.isGranted {
        #expect(!merged.consent.allows(statement.purpose, byDefault: .allowed))
      }
    }
  }

  @Test func `what either profile refused stays refused when they become one, until it is granted anew`() throws {
    let refusing = Profile(1, folding: [try .identify("{}", "m1", seconds: 1, consent: [(.personalization, false)])])
    let granting = Profile(2, folding: [try .identify("{}", "m2", seconds: 2, consent: [(.personalization, true)])])
    for (keeper, other) in [(refusing, granting), (granting, refusing)] {
      var merged = keeper
      merged.absorb(other)
      #expect(!merged.consent.allows(.personalization, byDefault: .allowed))
      merged.fold(try .identify("{}", "m3", seconds: 3, consent: [(.personalization, true)]))
      #expect(merged.consent.allows(.personalization, byDefault: .allowed))
    }
  }

  /// Everything but the id and what was absorbed.
  private func content(_ profile: Profile) -> [String] {
    [
      "\(profile.createdAt) \(profile.lastSeenAt) \(profile.eventCount)", "\(profile.identifiers)", "\(profile.traits)",
      "\(profile.consent)", "\(profile.refusals)",
    ]
  }

  @Test func `a profile survives its encoding`() throws {
    var generator = SeededGenerator(seed: 14)
    for _ in 0..<100 {
      var profile = Profile(1, folding: try randomEvents(8, &generator)).link(.user("u"), .anonymous("ü"))
      profile.absorb(Profile(2, folding: try randomEvents(2, &generator)))
      let refusals = [
        MergeRefusal(identifier: .anonymous("x"), other: profileID(9), reason: .anotherUser, at: start),
        MergeRefusal(identifier: .anonymous("y"), other: nil, reason: .tooManyIdentifiers, at: start),
      ]
      profile.apply(IdentityPlan(target: .create, refusals: refusals))
      #expect(try roundTrip(profile) == profile)
    }
    #expect(throws: BinaryError.self) {
      var reader = BinaryReader([7])
      _ = try Profile(from: &reader)
    }
  }

  @Test func `a profile shows who it is, what it was told and what it refused`() throws {
    let event = try Event.identify(
      #"{"plan": "pro", "gone": null}"#, "m", seconds: 5, consent: [(.personalization, false)])
    var profile = Profile(1, folding: [event]).link(.user("u1"), .anonymous("a1"))
    profile.absorb(Profile(2, folding: []))
    let refusal = MergeRefusal(identifier: .anonymous("x"), other: profileID(9), reason: .anotherUser, at: start)
    profile.apply(IdentityPlan(target: .create, refusals: [refusal]))
    let (at, later) = ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:05.000Z")
    #expect(
      profile.json == [
        "profile_id": .string(profileID(1).description),
        "identifiers": [
          ["namespace": "anonymous_id", "value": "a1"], ["namespace": "user_id", "value": "u1"],
        ],
        "traits": ["plan": "pro"],
        "consent": ["personalization": ["granted": false, "at": .string(later)]],
        "created_at": .string(at), "last_seen_at": .string(later), "event_count": 1,
        "absorbed": [.string(profileID(2).description)],
        "links": [],
        "refused_merges": [
          [
            "namespace": "anonymous_id", "value": "x", "reason": "another_user",
            "profile_id": .string(profileID(9).description), "at": .string(at),
          ]
        ],
      ])
    #expect(profile.userID == "u1")
    #expect(Profile(folding: []).userID == nil)
  }

  @Test func `refusals are kept once each, the latest twenty, in whatever order they came`() {
    var generator = SeededGenerator(seed: 15)
    let refusals = (0..<200).map { _ in
      MergeRefusal(
        identifier: .anonymous("a\(Int.random(in: 0..<40, using: &generator))"), other: profileID(9),
        reason: .anotherUser,
        at: start + .seconds(Int.random(in: 0..<100, using: &generator)))
    }
    func profile(_ refusals: [MergeRefusal]) -> Profile {
      var profile = Profile(folding: [])
      for refusal in refusals { profile.apply(IdentityPlan(target: .create, refusals: [refusal])) }
      return profile
    }
    let expected = profile(refusals)
    #expect(expected.refusals.count == Profile.refusalsMax)
    #expect(Set(expected.refusals.map(\.identifier)).count == Profile.refusalsMax)
    #expect(profile(refusals.shuffled(using: &generator)) == expected)
    #expect(profile(refusals + refusals) == expected)
  }

  @Test func `identifiers are kept once each, and a thousand at most`() {
    var profile = Profile(folding: [])
    for number in (0..<1_200).reversed() {
      profile = profile.link(.anonymous("\(10_000 + number)"), .anonymous("\(10_000 + number)"))
    }
    #expect(profile.identifiers.count == Profile.identifiersMax)
    #expect(profile.identifiers == profile.identifiers.sorted())
    #expect(Set(profile.identifiers).count == Profile.identifiersMax)
  }
}
