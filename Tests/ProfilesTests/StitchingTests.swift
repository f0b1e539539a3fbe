import Events
import Primitives
import Profiles
import Testing

/// Plans carried out one after another, as the engine does it.
private struct Directory {
  private(set) var profiles: [ProfileID: Profile] = [:]
  private(set) var owners: [Identifier: ProfileID] = [:]
  private var nextNumber: UInt64 = 1

  mutating func take(_ event: Event) -> ProfileID {
    let known = IdentityRules.lookups(of: event).map { identifier in
      owners[identifier].flatMap { profiles[$0] }.map { KnownProfile($0) }
    }
    let plan = IdentityRules.standard.plan(for: event, known: known)
    let id: ProfileID
    switch plan.target {
    case .nobody: preconditionFailure("no value is blocked here")
    case .create:
      id = profileID(nextNumber)
      nextNumber += 1
      profiles[id] = Profile(id: id, createdAt: event.timestamp)
    case .existing(let existing): id = existing
    case .merge(let keep, let absorb):
      id = keep
      for gone in absorb {
        guard let other = profiles.removeValue(forKey: gone) else { continue }
        for identifier in other.identifiers { owners[identifier] = keep }
        profiles[keep]?.absorb(other)
      }
    }
    for identifier in plan.linked { owners[identifier] = id }
    profiles[id]?.apply(plan)
    profiles[id]?.fold(event)
    return id
  }
}

@Suite struct StitchingTests {
  /// Events of ten people with at most one user id each, no identifier shared between people.
  private func separatePeople(_ generator: inout SeededGenerator) -> [Event] {
    (0..<60).map { number in
      let person = Int.random(in: 0..<10, using: &generator)
      let devices = (0..<3).map { Identifier.anonymous("p\(person)d\($0)") }
      let device = devices.randomElement(using: &generator) ?? devices[0]
      let kind = [EventKind.track, .identify, .group].randomElement(using: &generator) ?? .track
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: return .of(device, kind: kind, seconds: number)
      case 1: return .of(.user("p\(person)"), device, kind: kind, seconds: number)
      case 2: return .of(device, Identifier(namespace: "email", value: "p\(person)"), kind: kind, seconds: number)
      default: return .of(.user("p\(person)"), previous: device.value, seconds: number)
      }
    }
  }

  /// Who is whom, without the ids: the sets of identifiers that are one person.
  private func people(_ events: [Event]) -> Set<Set<Identifier>> {
    var directory = Directory()
    for event in events { _ = directory.take(event) }
    return Set(directory.profiles.values.map { Set($0.identifiers) })
  }

  @Test func `where no two users meet, the same events in any order make the same people`() {
    var generator = SeededGenerator(seed: 31)
    for round in 0..<50 {
      let events = separatePeople(&generator)
      let expected = people(events)
      #expect(people(events.reversed()) == expected, "seed 31, round \(round)")
      #expect(people(events.shuffled(using: &generator)) == expected, "seed 31, round \(round)")
    }
  }

  @Test func `identifiers that came with one event are one person, and no others are`() {
    var generator = SeededGenerator(seed: 32)
    for _ in 0..<50 {
      let events = separatePeople(&generator)
      for person in people(events) {
        #expect(Set(person.map { $0.value.prefix(2) }).count == 1)
      }
    }
  }

  @Test func `however users share devices, two users are never one, and every event is its own user's`() {
    var generator = SeededGenerator(seed: 33)
    for round in 0..<100 {
      var directory = Directory()
      for number in 0..<80 {
        let user = Identifier.user("u\(Int.random(in: 0..<4, using: &generator))")
        let device = Identifier.anonymous("d\(Int.random(in: 0..<4, using: &generator))")
        let event: Event =
          switch Int.random(in: 0..<4, using: &generator) {
          case 0: .of(device, seconds: number)
          case 1: .of(user, previous: "u\(Int.random(in: 0..<4, using: &generator))", seconds: number)
          case 2: .of(user, previous: device.value, seconds: number)
          default: .of(user, device, seconds: number)
          }
        let id = directory.take(event)
        if let own = event.identifiers.first, own.isUser {
          #expect(directory.profiles[id]?.userID == own.value, "seed 33, round \(round)")
        }
      }
      for profile in directory.profiles.values {
        #expect(profile.identifiers.count(where: \.isUser) <= 1, "seed 33, round \(round)")
      }
      // Each identifier has one owner, who lists it.
      for (identifier, id) in directory.owners {
        #expect(directory.profiles[id]?.identifiers.contains(identifier) == true)
      }
      #expect(directory.profiles.values.reduce(0) { $0 + $1.eventCount } == 80)
    }
  }
}
