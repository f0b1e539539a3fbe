import Catalog
import Events
import Features
import Foundation
import Mathematics
import Primitives
import Testing

@testable import Models

@Suite struct FactorModelTests {
  let catalog = ItemCatalog()
  let factors: ImplicitALS
  let table: FactorTable
  var model: FactorModel { FactorModel(table, version: "3") }

  init() throws {
    factors = try trainedFactors()
    table = try FactorTable(factors, items: items(0..<45))
  }

  private var alpha: Double { Double(table.settings.unobservedWeight) }

  private func penalty(_ count: Int, others: Int) -> Double {
    Double(table.settings.regularization)
      * pow(Double(count) + alpha * Double(others), Double(table.settings.frequencyExponent))
  }

  private func textbookPerson(_ liked: [Int]) -> [Double] {
    let vectors = table.ridge.factors.doubles
    return textbookRidge(
      observed: liked.map { vectors[$0] }, all: vectors, alpha: alpha, penalty: penalty(liked.count, others: 45))
  }

  // MARK: People

  @Test(arguments: [[4], [0, 7, 14], [1, 2, 3, 5, 8, 13, 21, 34, 44], Array(0..<30)])
  func `a person's vector is the textbook's, and scores are its products, clamped`(liked: [Int]) throws {
    let person = textbookPerson(liked)
    #expect(isNear(try #require(table.vector(ofPersonWith: liked)), person))
    let scores = model.scores(of: items(0..<50), for: query(liked.map { act($0) }), catalog: catalog)
    for (item, score) in scores.enumerated() {
      let product = item < 45 ? zip(table.ridge.factors.doubles[item], person).reduce(0) { $0 + $1.0 * $1.1 } : 0
      #expect(abs(Double(score) - min(1, max(0, product))) < 1e-4, "item \(item)")
    }
  }

  @Test func `the best unseen items are proposed`() throws {
    let liked = [0, 7, 14]
    let question = query(liked.map { act($0) })
    let scores = model.scores(of: items(0..<45), for: question, catalog: catalog)
    let expected = scores.indices.filter { !liked.contains($0) && scores[$0] > 0 }
      .sorted { (scores[$1], $0) < (scores[$0], $1) }
    let proposed = model.candidates(for: question, catalog: catalog, limit: 6)
    #expect(proposed.map { Int($0.item.rawValue) } == Array(expected.prefix(6)))
    #expect(scores[0] > 0, "what the person has is scored when others propose it")
  }

  @Test func `only likings count, each item once, and items to be similar to stand in their place`() {
    let plain = model.scores(of: items(0..<45), for: query([act(0), act(7)]), catalog: catalog)
    let odd = [act(0), act(3, .dismiss), act(7), act(0, .purchase), act(9, .impression), act(12, .rating, value: 1)]
    #expect(model.scores(of: items(0..<45), for: query(odd), catalog: catalog) == plain)
    #expect(
      model.scores(of: items(0..<45), for: query([act(20)], similarTo: [7, 0]), catalog: catalog) == plain)
    #expect(model.candidates(for: query([act(3, .dismiss)]), catalog: catalog, limit: 9).isEmpty)
    #expect(model.candidates(for: query([act(59)]), catalog: catalog, limit: 9).isEmpty, "who likes what is unknown")
  }

  // MARK: Newcomers

  private static let newcomer = 50
  private static let likers = [[0, 7], [7, 14, 21], [0, 28], [35, 42, 3]]

  /// A model that met a newcomer through the likers.
  private func met(_ likers: [[Int]] = Self.likers) -> FactorModel {
    var model = model
    for liked in likers {
      model.fold(
        act(Self.newcomer), history: liked.map { act($0) }, context: ContextFacts(), catalog: catalog)
    }
    return model
  }

  @Test func `a newcomer's vector is the textbook's from the vectors of the people who like it`() throws {
    let people = Self.likers.map { textbookPerson($0.sorted()) }
    let expected = textbookRidge(
      observed: people, all: factors.people.doubles, alpha: alpha, penalty: penalty(people.count, others: 20))
    let vector = try #require(met().newcomers[UInt32(Self.newcomer)]?.vector)
    #expect(isNear(vector, expected, within: 2e-3))
    let best = met().candidates(for: query([act(0), act(7)]), catalog: catalog, limit: 45)
    #expect(best.contains { $0.item.rawValue == UInt32(Self.newcomer) })
  }

  @Test func `a person counts once for a newcomer, and who is unknown or dislikes it does not`() {
    let once = met().newcomers
    var model = met()
    let known = Self.likers[0].map { act($0) }
    model.fold(act(Self.newcomer), history: known + [act(Self.newcomer)], context: ContextFacts(), catalog: catalog)
    model.fold(act(Self.newcomer), history: [], context: ContextFacts(), catalog: catalog)
    model.fold(act(Self.newcomer, .dismiss), history: known, context: ContextFacts(), catalog: catalog)
    model.fold(act(3), history: known, context: ContextFacts(), catalog: catalog)
    #expect(model.newcomers.mapValues(\.people) == once.mapValues(\.people))
  }

  @Test(arguments: [2, 3, 8])
  func `newcomers are the same after they were saved, however few numbers a vector has`(dimensions: Int) throws {
    let table = try trainedTable(dimensions: dimensions)
    var live = FactorModel(table, version: "3")
    for number in 0..<100 {
      let liked = [number % 45, (number * 7 + 3) % 45].map { act($0) }
      live.fold(act(50 + number % 2), history: liked, context: ContextFacts(), catalog: catalog)
    }
    #expect(live.newcomers[50]?.people.count == 50)
    var again = FactorModel(table, version: "3")
    for change in live.takeChanges() { try again.restore(key: change.key, value: try #require(change.value)) }
    #expect(again.newcomers.mapValues(\.people) == live.newcomers.mapValues(\.people))
    #expect(again.newcomers.mapValues(\.vector) == live.newcomers.mapValues(\.vector))
    #expect(again.takeChanges().isEmpty)
  }

  @Test func `newcomers and the people of each are bounded`() {
    var model = met(Array(repeating: [0, 7], count: 200))
    #expect(model.newcomers[UInt32(Self.newcomer)]?.people.count == FactorModel.newcomerPeopleMax)
    for item in 0..<2_100 {
      model.fold(act(100 + item), history: [act(0)], context: ContextFacts(), catalog: catalog)
    }
    #expect(model.newcomers.count == FactorModel.newcomersMax)
  }

  @Test func `records of another version are not taken, and go away`() throws {
    var earlier = met()
    var later = FactorModel(table, version: "4")
    let changes = earlier.takeChanges()
    for change in changes { try later.restore(key: change.key, value: try #require(change.value)) }
    #expect(later.newcomers.isEmpty)
    #expect(later.savedKeys == changes.map(\.key))
    let dropped = later.takeChanges()
    #expect(dropped.map(\.key) == changes.map(\.key))
    #expect(dropped.allSatisfy { $0.value == nil })
  }

  @Test func `the contract is kept by a trained model too`() {
    #expect(CandidateModelContract.models.contains { $0 is FactorModel })
  }
}

@Suite struct FactorTableSnapshotTests {
  let table: FactorTable
  let snapshot: ModelSnapshot

  init() throws {
    table = try trainedTable(items: 12, dimensions: 4)
    snapshot = table.snapshot
  }

  private func answers(_ table: FactorTable) -> [Float] {
    var model = FactorModel(table, version: "1")
    model.fold(act(50), history: [act(0), act(1)], context: ContextFacts(), catalog: ItemCatalog())
    let question = query([act(0), act(7)])
    return model.scores(of: items(0..<60), for: question, catalog: ItemCatalog())
      + model.candidates(for: question, catalog: ItemCatalog(), limit: 20).map(\.score)
  }

  @Test func `a snapshot gives the same answers back`() throws {
    let again = try FactorTable(snapshot: snapshot.bytes)
    #expect(again.items == table.items)
    #expect(answers(again) == answers(table))
    #expect(again.snapshot == snapshot)
  }

  @Test func `a file cut anywhere or with any byte changed is refused`() {
    let bytes = snapshot.bytes
    for count in bytes.indices {
      #expect(throws: SnapshotRefusal.self) { _ = try FactorTable(snapshot: Array(bytes.prefix(count))) }
      var changed = bytes
      changed[count] ^= 1 << UInt8(count % 8)
      #expect(throws: SnapshotRefusal.self) { _ = try FactorTable(snapshot: changed) }
    }
  }

  @Test func `a newer file and one of another kind are refused by name`() {
    var newer = snapshot.bytes
    newer[12] = 9
    #expect(throws: SnapshotRefusal.newer(found: 9, known: 1)) { _ = try FactorTable(snapshot: newer) }
    let content = ModelSnapshot(kind: snapshot.kind, contentVersion: 2, content: snapshot.content)
    #expect(throws: SnapshotRefusal.newer(found: 2, known: 1)) { _ = try FactorTable(snapshot: content.bytes) }
    let other = ModelSnapshot(kind: "ials", contentVersion: 1, content: snapshot.content)
    #expect(throws: SnapshotRefusal.kind(found: "ials", expected: "ials-served")) {
      _ = try FactorTable(snapshot: other.bytes)
    }
  }

  /// Where the content's parts begin: settings take 36 bytes.
  private enum Place {
    static let dimensions = 0, regularization = 4, exponent = 8, weight = 12, itemCount = 36, items = 44
  }

  @Test(
    arguments: [
      (Place.dimensions, UInt32.max), (Place.dimensions, 0), (Place.dimensions, 1 << 14), (Place.itemCount, .max),
      (Place.itemCount, 1 << 31), (Place.itemCount, 0), (Place.items, .max), (Place.items + 4, 0),
      (Place.regularization, Float.nan.bitPattern), (Place.regularization, Float(-1).bitPattern),
      (Place.regularization, 0),
      (Place.weight, Float.infinity.bitPattern), (Place.weight, Float(-0.5).bitPattern),
      (Place.exponent, Float.nan.bitPattern), (Place.items + 12 * 4, Float(-1).bitPattern),
      (Place.items + 12 * 4, Float.nan.bitPattern), (Place.items + 12 * 4 + 40, Float.infinity.bitPattern),
    ] as [(Int, UInt32)])
  func `content that cannot be is refused though its hash is right`(place: Int, word: UInt32) {
    var content = snapshot.content
    // The first item's place holds item 0's neighbour's number, so that a repeated one is a duplicate.
    let first = Array(content[Place.items..<Place.items + 4])
    for byte in 0..<4 { content[place + byte] = UInt8(truncatingIfNeeded: word >> UInt32(8 * byte)) }
    if place == Place.items + 4 { content.replaceSubrange(place..<place + 4, with: first) }
    let odd = ModelSnapshot(kind: snapshot.kind, contentVersion: 1, content: content)
    #expect {
      _ = try FactorTable(snapshot: odd.bytes)
    } throws: { error in
      if case .content(let reason) = error as? SnapshotRefusal { !reason.isEmpty } else { false }
    }
  }

  @Test func `whatever the content holds, it is refused or its answers are numbers`() throws {
    var generator = SeededGenerator(seed: 9)
    var taken = 0
    for _ in 0..<4_000 {
      var content = snapshot.content
      for _ in 0..<Int.random(in: 1...6, using: &generator) {
        let end = Bool.random(using: &generator) ? 48 : content.count
        content[Int.random(in: 0..<end, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      if Int.random(in: 0..<5, using: &generator) == 0 {
        content.removeLast(Int.random(in: 0...content.count, using: &generator))
      }
      let odd = ModelSnapshot(kind: snapshot.kind, contentVersion: 1, content: content)
      guard let table = try? FactorTable(snapshot: odd.bytes) else { continue }
      taken += 1
      #expect(answers(table).allSatisfy { $0 >= 0 && $0 <= 1 })
    }
    #expect(taken > 100)
  }
}
