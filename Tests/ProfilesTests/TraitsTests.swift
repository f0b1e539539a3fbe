import Events
import Primitives
import Profiles
import Testing

@Suite struct TraitsTests {
  private func traits(_ events: (String, Int)...) throws -> [String: JSONValue] {
    let profile = Profile(
      folding: try events.enumerated().map { try .identify($1.0, "m\($0)", seconds: $1.1) })
    return Dictionary(uniqueKeysWithValues: profile.traits.members.map { ($0.key, $0.value) })
  }

  @Test func `the latest statement of each trait counts`() throws {
    #expect(try traits((#"{"a": 1, "b": 2}"#, 1), (#"{"a": 3}"#, 2)) == ["a": 3, "b": 2])
    #expect(try traits((#"{"a": 3}"#, 2), (#"{"a": 1, "b": 2}"#, 1)) == ["a": 3, "b": 2])
    #expect(try traits((#"{"a": 1, "a": 2}"#, 1)) == ["a": 2])
  }

  @Test func `null removes, also against what comes late`() throws {
    #expect(try traits((#"{"a": 1}"#, 1), (#"{"a": null}"#, 2)) == [:])
    #expect(try traits((#"{"a": null}"#, 2), (#"{"a": 1}"#, 1)) == [:])
    #expect(try traits((#"{"a": null}"#, 2), (#"{"a": 1}"#, 3)) == ["a": 1])
    #expect(try Profile(folding: [.identify(#"{"a": null}"#, "m", seconds: 0)]).traits.isEmpty)
  }

  @Test func `of two statements at one moment the message decides, not the arrival`() throws {
    let (one, other) = (
      try Event.identify(#"{"a": 1}"#, "one", seconds: 0), try Event.identify(#"{"a": 2}"#, "other", seconds: 0)
    )
    #expect(Profile(folding: [one, other]) == Profile(folding: [other, one]))
  }

  @Test func `only identify states traits of the person, and consent is no trait`() throws {
    var group = try Event.identify(#"{"name": "Acme"}"#, "m", seconds: 0)
    group.kind = .group
    #expect(Profile(folding: [group]).traits.isEmpty)
    #expect(try traits((#"{"consent": {"ads": true}, "plan": "pro"}"#, 0)) == ["plan": "pro"])
  }

  @Test func `a trait is looked up by its name`() throws {
    let profile = Profile(folding: [try .identify(#"{"b": {"x": [1]}, "a": "é", "c": false}"#, "m", seconds: 0)])
    #expect(profile.trait("a")?.string == "é")
    #expect(profile.trait("b") == ["x": [1]])
    #expect(profile.trait("c") == false)
    #expect(profile.trait("d") == nil)
    #expect(profile.trait("") == nil)
  }

  @Test func `names and values have bounds, and a value beyond them removes`() throws {
    let longName = String(repeating: "n", count: 129)
    let longValue = String(repeating: "v", count: 4_095)
    #expect(try traits((#"{"\#(longName)": 1, "\#(longName.dropFirst())": 1, "": 2}"#, 0)).count == 1)
    #expect(try traits((#"{"a": "\#(longValue.dropFirst())"}"#, 0)).count == 1)
    #expect(try traits((#"{"a": 1}"#, 0), (#"{"a": "\#(longValue)"}"#, 1)) == [:])
  }

  @Test func `beyond five hundred the traits stated longest ago are forgotten, in whatever order they came`() throws {
    var generator = SeededGenerator(seed: 21)
    let events = try (0..<700).map { try Event.identify(#"{"t\#($0 % 600)": \#($0)}"#, "m\($0)", seconds: $0) }
    let inOrder = Profile(folding: events)
    #expect(inOrder.traits.members.count == Traits.countMax)
    #expect(inOrder.trait("t99") == 699)
    #expect(inOrder.trait("t199") == nil)
    #expect(inOrder.trait("t200") == 200)
    var shuffled = Profile(1, folding: [events[0]] + events.dropFirst().shuffled(using: &generator))
    #expect(shuffled == inOrder)
    shuffled = Profile(1, folding: events.reversed())
    #expect(shuffled == inOrder)
  }

  @Test func `beyond 32 KiB the traits stated longest ago are forgotten`() throws {
    let value = String(repeating: "v", count: 4_000)
    let events = try (0..<20).map { try Event.identify(#"{"t\#($0)": "\#(value)"}"#, "m\($0)", seconds: $0) }
    let profile = Profile(folding: events)
    #expect(profile.traits.members.map(\.key).sorted() == ["t12", "t13", "t14", "t15", "t16", "t17", "t18", "t19"])
    let encoded = try roundTrip(profile)
    #expect(encoded == profile)
  }
}
