import AttuneTestKit
import Catalog
import Events
import Features
import Models
import Primitives
import Testing

@testable import Engine
@testable import Learning

/// Who liked what, and who is held back.
@Suite struct TrainingSetTests {
  private static func profile(_ number: Int) -> ProfileID {
    ProfileID(SortableID(high: 1, low: UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
  }

  private static func act(_ person: Int, _ item: Int, at seconds: Int = 0) -> TrainingAct {
    TrainingAct(
      person: profile(person),
      act: Interaction(item: ItemOrdinal(UInt32(item)), kind: .view, at: Timestamp(seconds: Int64(seconds)), value: 0))
  }

  private static func split(_ acts: [TrainingAct]) -> TrainingSet.Split {
    var set = TrainingSet()
    set.add(acts)
    return set.split()
  }

  /// Each person likes an item of their own number.
  private static func people(of sequences: [ActSequence]) -> Set<UInt32> { Set(sequences.flatMap(\.items)) }

  @Test func `the share of people who are held back never rises with their number`() {
    var last = 1.0
    for people in Array(0...3_000) + stride(from: 3_000, to: 10_000_000, by: 9_973) {
      let share = TrainingSet.share(of: people)
      #expect(share <= last && share > 0 && share <= 0.5)
      last = share
    }
  }

  @Test func `who is held back among many was held back among fewer, in the same half, and is never trained on`() {
    var (validation, test): (Set<UInt32>, Set<UInt32>) = ([], [])
    for count in [20_000, 3_000, 700, 190, 60, 20, 2] {
      let split = Self.split((0..<count).map { Self.act($0, $0) })
      let (first, second) = (Self.people(of: split.validation), Self.people(of: split.test))
      let known = { (people: Set<UInt32>) in people.filter { $0 < count } }
      #expect(known(validation).isSubset(of: first) && known(test).isSubset(of: second), "\(count)")
      let trained = Set(split.training.sequences.flatMap(\.items).map { split.items[Int($0)].rawValue })
      #expect(trained.isDisjoint(with: first.union(second)) && first.isDisjoint(with: second))
      #expect(trained.count + split.heldBack == count && split.people == count)
      if count > 100 {
        let expected = TrainingSet.share(of: count) * Double(count)
        #expect(abs(Double(split.heldBack) - expected) < 4 * expected.squareRoot(), "\(count): \(split.heldBack)")
        #expect(abs(first.count - second.count) < Int(4 * expected.squareRoot()))
      }
      (validation, test) = (first, second)
    }
  }

  @Test func `a person's items stand in the order of their first liking, each once; popular items come first`() {
    let acts = (0..<200).flatMap { person in
      [Self.act(person, 3, at: 5), Self.act(person, 7, at: 2), Self.act(person, 3, at: 1), Self.act(person, 7, at: 9)]
    }
    let split = Self.split(acts.reversed() + [Self.act(300, 9, at: 77)])
    for person in split.validation + split.test where person.items.count > 1 {
      #expect(person.items == [3, 7])
      #expect(person.times == [1, 2].map { Timestamp(seconds: $0) })
    }
    #expect(split.items.prefix(2).map(\.rawValue) == [3, 7], "equals by number")
    #expect(split.training.sequences.allSatisfy { $0.items == [0, 1] || $0.items == [2] })
    #expect(split.from == Timestamp(seconds: 1) && split.to == Timestamp(seconds: 77))
  }

  @Test func `nobody is nothing`() {
    let split = Self.split([])
    #expect(split.items.isEmpty && split.training.sequences.isEmpty && split.heldBack == 0 && split.from == nil)
  }

  // MARK: From a log

  private func likings(of partition: Partition) async throws -> [ProfileID: [String]] {
    let catalog = try await partition.trainingCatalog()
    var found: [ProfileID: [String]] = [:]
    var last = 0.0
    try await partition.forEachAct { acts, share in
      for act in acts { found[act.person, default: []].append(catalog.id(of: act.act.item) ?? "") }
      #expect(share >= last && share <= 1)
      last = share
      return true
    }
    return found
  }

  private func view(_ item: String, user: String? = nil, device: String? = nil) -> JSONValue {
    var members = JSONObject()
    members["event_type"] = .string("view")
    members["item_id"] = .string(item)
    members["user_id"] = user.map { .string($0) }
    members["anonymous_id"] = device.map { .string($0) }
    return .object(members)
  }

  @Test func `merged people count as one, and apart again once they are unmerged`() async throws {
    let shop = try await TrainingShop()
    try await shop.send([view("a", device: "tablet"), view("b", user: "ada"), view("c", user: "bob")])
    #expect(try await likings(of: shop.partition).values.sorted { $0[0] < $1[0] } == [["a"], ["b"], ["c"]])
    try await shop.send([view("d", user: "ada", device: "tablet")])
    #expect(try await likings(of: shop.partition).values.sorted { $0[0] < $1[0] } == [["a", "b", "d"], ["c"]])
    let ada = try #require(try await shop.partition.profile(of: .user("ada"), at: shop.clock.now)?.id)
    _ = try await shop.partition.unmerge(ada, .identifier(.anonymous("tablet")), at: shop.clock.now).get()
    #expect(try await likings(of: shop.partition).values.sorted { $0[0] < $1[0] } == [["a"], ["b", "d"], ["c"]])
    await shop.engine.close()
  }

  @Test func `beside a catalogue, items that it does not hold are left out, and so is what is no liking`() async throws
  {
    let shop = try await TrainingShop()
    try await shop.send([view("sold", user: "ada"), view("made-up", user: "ada")])
    #expect(try await likings(of: shop.partition).values.map { $0 } == [["sold", "made-up"]])
    let item = try CatalogChange(upserting: try JSONDocument(parsing: Array(#"{"item_id":"sold"}"#.utf8)).root)
    _ = try await shop.partition.change([item])
    try await shop.send([
      ["user_id": "bob", "event_type": "dismiss", "item_id": "sold"], ["user_id": "bob", "event_type": "x"],
    ])
    #expect(try await likings(of: shop.partition).values.map { $0 } == [["sold"]])
    _ = try await shop.partition.change([try CatalogChange(deleting: "sold")])
    await shop.engine.close()
  }
}
