import AttuneTestKit
import Events
import Primitives
import Profiles

/// Events of people who share devices and addresses, at random: identify, alias, group and acts, some of them late.
struct SharedHistory {
  struct Step: Sendable {
    let seconds: Int
    var event: JSONValue

    /// The event as it would be, had nobody ever brought these pairs together: what is named later is left out.
    func without(_ pairs: Set<IdentifierPair>) -> Step {
      var step = self
      guard let user = event["userId"]?.string.map(Identifier.user) else {
        if let device = event["anonymousId"]?.string, let address {
          step.drop(pairs.contains(IdentifierPair(.anonymous(device), address)) ? "context" : nil)
        }
        return step
      }
      if let previous = event["previousId"]?.string {
        // An alias of oneself says nothing.
        if pairs.contains(IdentifierPair(user, .anonymous(previous))) { step.set("previousId", .string(user.value)) }
        return step
      }
      if let device = event["anonymousId"]?.string.map(Identifier.anonymous) {
        let isCut = pairs.contains(IdentifierPair(user, device))
        if isCut { step.drop("anonymousId") }
        if !isCut, let address, pairs.contains(IdentifierPair(device, address)) { step.drop("context") }
      }
      if let address, pairs.contains(IdentifierPair(user, address)) { step.drop("context") }
      return step
    }

    private var address: Identifier? {
      event["context"]?["externalIds"]?.array?.first?["id"]?.string.map { Identifier(namespace: "email", value: $0) }
    }

    private mutating func drop(_ member: String?) { if let member { set(member, nil) } }

    private mutating func set(_ member: String, _ value: JSONValue?) {
      guard case .object(var object) = event else { return }
      object[member] = value
      event = .object(object)
    }
  }

  private var generator: SeededGenerator
  private var messages = 0

  let identifiers: [Identifier] =
    (1...4).map { .user("u\($0)") } + (1...6).map { .anonymous("a\($0)") }
    + (1...3).map { Identifier(namespace: "email", value: "e\($0)@example.com") }

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func step() -> Step {
    messages += 1
    let (user, device) = (JSONValue.string("u\(int(1, 4))"), JSONValue.string("a\(int(1, 6))"))
    var members: [(String, JSONValue)] = [("messageId", .string("m\(messages)"))]
    switch int(0, 7) {
    case 0:
      members += [("type", "alias"), ("userId", user), ("previousId", device)]
      return Step(seconds: int(1, 900), event: object(members))
    case 1: members += [("type", "group"), ("groupId", "g"), ("userId", user)]
    case 2, 3:
      members += [("type", "identify"), ("userId", user), ("traits", ["plan": .string("p\(int(1, 9))")])]
    case 4: members += [("type", "track"), ("event", "click"), ("userId", user)]
    default: members += [("type", "track"), ("event", "view"), ("anonymousId", device)]
    }
    if members.last?.0 != "anonymousId", int(0, 2) == 0 { members.append(("anonymousId", device)) }
    if int(0, 3) == 0 {
      let address = JSONValue.string("e\(int(1, 3))@example.com")
      members.append(("context", ["externalIds": [["type": "email", "id": address]]]))
    }
    members.append(("properties", ["item_id": .string("item-\(int(1, 9))")]))
    return Step(seconds: int(1, 900), event: object(members))
  }

  private func object(_ members: [(String, JSONValue)]) -> JSONValue {
    .object(JSONObject(members: members.map { .init(key: $0.0, value: $0.1) }))
  }

  private mutating func int(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &generator) }
}
