import Catalog
import Events
import Features
import Mathematics
import Primitives
import Testing

@testable import Models

/// People of planted groups, who act on a shop of items i0 …, item n in the category c(n mod 7).
enum Planted {
  /// - Parameters:
  ///   - groups: Categories that each group of people acts on, nine times of ten.
  ///   - hours: When they come, by UTC.
  static func people(
    _ count: Int, groups: [[Int]], hours: [Int] = [10], visits: Int = 6, seed: UInt64 = 1, days: Int = 0
  ) -> [[Interaction]] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { person in
      let own = groups[person % groups.count]
      return (0..<visits).flatMap { visit -> [Interaction] in
        let hour = hours[person / groups.count % hours.count]
        let begin = start + .seconds((days + visit) * 86_400 + hour * 3_600)
        return (0..<3).map { place in
          let isOwn = Double.random(in: 0..<1, using: &generator) < 0.9
          let category =
            isOwn ? own[Int.random(in: 0..<own.count, using: &generator)] : Int.random(in: 0..<7, using: &generator)
          let item = category + 7 * Int.random(in: 0..<8, using: &generator)
          return Interaction(item: ItemOrdinal(UInt32(item)), kind: .view, at: begin + .seconds(place * 60))
        }
      }
    }
  }
}

@Suite struct CohortFinderTests {
  private static func finder(seed: UInt64 = 0) -> CohortFinder {
    var finder = CohortFinder()
    finder.seed = seed
    finder.groups = 2...6
    (finder.stability.splits, finder.stability.clustering.starts, finder.clustering.starts) = (2, 3, 6)
    return finder
  }

  @Test func `planted groups are found, and named after what they do`() throws {
    let catalog = try shop()
    let people = Planted.people(160, groups: [[0, 1], [2], [3, 4]])
    let set = try Self.finder().cohorts(in: people, catalog: catalog)
    #expect(
      Set(set.cohorts.map(\.name)).isSubset(of: ["c0, c1", "c1, c0", "c2", "c3, c4", "c4, c3"]),
      "\(set.cohorts.map(\.name))")
    #expect(set.cohorts.count == 3 && set.stability > 0.95 && set.people == 160)
    let placing = CohortPlacing(set, catalog: catalog)
    for (number, person) in people.enumerated() {
      #expect(placing.place(person, catalog: catalog) == placing.place(people[number % 3], catalog: catalog))
    }
    let drivers = try #require(set.cohorts.first { $0.name == "c2" }?.drivers.first)
    #expect(drivers.block == "interests" && drivers.feature == "c2" && drivers.share > 0.8 && drivers.lift > 2)
  }

  @Test func `hours tell people apart where they come at the same ones again, and not by chance`() throws {
    let catalog = try shop()
    let steady = try Self.finder().cohorts(
      in: Planted.people(160, groups: [[0], [1]], hours: [9, 20]), catalog: catalog)
    #expect(Set(steady.cohorts.map(\.name)) == ["Mornings · c0", "Mornings · c1", "Evenings · c0", "Evenings · c1"])
    var people = Planted.people(160, groups: [[0], [1]])
    var generator = SeededGenerator(seed: 4)
    for number in people.indices {
      people[number] = people[number].enumerated().map { place, act in
        // Whole visits at any hour.
        Interaction(
          item: act.item, kind: act.kind,
          at: act.at + .seconds(place / 3 * 86_400 + Int.random(in: 0..<24, using: &generator) * 3_600))
      }.sorted { $0.at < $1.at }
    }
    let chance = try Self.finder().cohorts(in: people, catalog: catalog)
    #expect(chance.space.weights[CohortSpace.Block.times.rawValue] == 0)
    #expect(Set(chance.cohorts.map(\.name)) == ["c0", "c1"])
  }

  @Test func `a cohort likes what three of its people like, not what one or two do`() throws {
    let catalog = try shop(of: 70)
    var people = Planted.people(160, groups: [[0], [2]])
    // Items of the group's own category that nobody else meets.
    for (item, buyers) in [(UInt32(56), [0, 2, 4]), (63, [6, 8])] {
      for buyer in buyers {
        let last = try #require(people[buyer].last)
        people[buyer].append(Interaction(item: ItemOrdinal(item), kind: .purchase, at: last.at + .seconds(60)))
      }
    }
    let set = try Self.finder().cohorts(in: people, catalog: catalog)
    let liked = Set(set.cohorts.flatMap(\.likings).map(\.item.rawValue))
    #expect(liked.contains(56) && !liked.contains(63))
  }

  @Test func `nobody is placed by fewer than five acts, nor by acts on what has no category`() throws {
    let catalog = try shop(of: 63)
    let set = try Self.finder().cohorts(in: Planted.people(160, groups: [[0], [2]]), catalog: catalog)
    let placing = CohortPlacing(set, catalog: catalog)
    let acts = Planted.people(1, groups: [[2]], seed: 9)[0]
    #expect(placing.place(Array(acts.prefix(4)), catalog: catalog) == nil)
    #expect(placing.cohort(Array(acts.prefix(5)), catalog: catalog)?.name == "c2")
    var larger = catalog
    let bare = larger.intern("bare")
    let unknown = (0..<9).map { Interaction(item: bare, kind: .view, at: start + .seconds($0)) }
    #expect(placing.place(unknown, catalog: larger) == nil)
    #expect(placing.place([], catalog: catalog) == nil)
  }

  @Test func `what is too little, alike or without structure is refused with the reason`() throws {
    let catalog = try shop()
    func refusal(_ people: [[Interaction]], _ catalog: ItemCatalog) -> CohortRefusal? {
      do throws(CohortRefusal) {
        _ = try Self.finder().cohorts(in: people, catalog: catalog)
        return nil
      } catch { return error }
    }
    #expect(refusal([], catalog) == .fewPeople(0))
    #expect(refusal(Planted.people(49, groups: [[0], [1]]), catalog) == .fewPeople(49))
    #expect(
      refusal(Array(Planted.people(200, groups: [[0]]).map { $0.prefix(4) }).map(Array.init), catalog) == .fewPeople(0))
    var unlisted = ItemCatalog()
    for number in 0..<60 { _ = unlisted.intern("i\(number)") }
    #expect(refusal(Planted.people(80, groups: [[0], [1]]), unlisted) == .noCategories)
    var single = ItemCatalog()
    for number in 0..<60 {
      try single.apply(.upsert(CatalogItem(id: "i\(number)", categories: ["shoe"])), revision: UInt64(number) + 1)
    }
    #expect(refusal(Planted.people(80, groups: [[0], [1]]), single) == .oneCategory("shoe"))
    let same = Array(repeating: Planted.people(1, groups: [[3]])[0], count: 60)
    #expect(refusal(same, catalog) != nil)
    let chance = refusal(Planted.people(150, groups: [[0, 1, 2, 3, 4, 5, 6]]), catalog)
    guard case .unstable? = chance else {
      Issue.record("\(String(describing: chance))")
      return
    }
  }

  @Test func `people who shop alike in another week keep their cohorts' ids and names`() throws {
    let catalog = try shop()
    let first = try Self.finder().cohorts(in: Planted.people(160, groups: [[0], [2], [4]]), catalog: catalog)
    let later = Planted.people(200, groups: [[4], [0], [2]], seed: 5, days: 30)
    let second = try Self.finder(seed: 7).cohorts(in: later, catalog: catalog, previous: first)
    #expect(Set(second.cohorts.map { [$0.id, $0.name] }) == Set(first.cohorts.map { [$0.id, $0.name] }))
    #expect(second.nextNumber == first.nextNumber)
    // A group that is new gets a number that nobody had.
    let grown = try Self.finder().cohorts(
      in: Planted.people(200, groups: [[0], [2], [4], [6]], seed: 6), catalog: catalog, previous: second)
    #expect(grown.cohorts.count == 4)
    let new = grown.cohorts.filter { cohort in !first.cohorts.contains { $0.id == cohort.id } }
    #expect(new.map(\.name) == ["c6"] && new.map(\.id) == ["c\(first.nextNumber)"])
    #expect(Set(grown.cohorts.map(\.name)).count == 4)
  }

  @Test func `a set comes back from its bytes, and a later or damaged one is refused`() throws {
    let catalog = try shop()
    let set = try Self.finder().cohorts(in: Planted.people(160, groups: [[0], [2]]), catalog: catalog)
    var writer = BinaryWriter()
    set.encode(into: &writer)
    var reader = BinaryReader(writer.bytes)
    #expect(try CohortSet(from: &reader) == set && reader.isAtEnd)
    for length in stride(from: 0, to: writer.bytes.count, by: 7) {
      #expect(throws: BinaryError.self) {
        var reader = BinaryReader(Array(writer.bytes.prefix(length)))
        _ = try CohortSet(from: &reader)
      }
    }
    #expect(throws: BinaryError.self) {
      var later = writer.bytes
      later[0] = 9
      var reader = BinaryReader(later)
      _ = try CohortSet(from: &reader)
    }
  }

  @Test func `names of any script are told, and those that are the same are numbered`() throws {
    var catalog = ItemCatalog()
    let names = ["跑步", "курс\u{0}ы", "👟👟", "قهوة", String(repeating: "é", count: 200), "b", "c"]
    for number in 0..<60 {
      let item = CatalogItem(id: "i\(number)", categories: [names[number % 7]])
      try catalog.apply(.upsert(item), revision: UInt64(number) + 1)
    }
    let set = try Self.finder().cohorts(in: Planted.people(200, groups: [[0], [1], [2], [4]]), catalog: catalog)
    #expect(set.cohorts.count == 4 && set.cohorts.allSatisfy { !$0.name.isEmpty && $0.name.utf8.count <= 70 })
    #expect(set.cohorts.contains { $0.name == "跑步" } && set.cohorts.contains { $0.name == "курсы" })
    #expect(CohortDescriptions.numbered(["a", "b", "a", "a 2", "a"]) == ["a", "b", "a 2", "a 2 2", "a 3"])
  }
}
