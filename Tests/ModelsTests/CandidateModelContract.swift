import Catalog
import Events
import Features
import Models
import Primitives
import Testing

/// The laws that every candidate model keeps.
@Suite struct CandidateModelContract {
  static let models: [any CandidateModel] =
    [Popularity(), ContextPopularity(), CohortPopularity(), CoVisitation(), ContentSimilarity()]
    + ((try? trainedTables()) ?? []).map { $0.served(version: "7") }

  static func trained(_ model: any CandidateModel, _ catalog: ItemCatalog, seed: UInt64 = 3) -> any CandidateModel {
    func train<Model: CandidateModel>(_ model: Model) -> any CandidateModel {
      var model = folded(occurrences(1_500, seed: seed), into: model, catalog: catalog)
      for ordinal in 0..<catalog.ordinalCount { model.fold(changed: items([ordinal])[0], catalog: catalog) }
      return model
    }
    return train(model)
  }

  static let queries = [
    query(atMinutes: 4_500),
    query([act(0), act(7), act(14, .purchase)], context: context(device: "mobile", region: "CH"), atMinutes: 4_500),
    query([act(3, .dismiss), act(5)], context: context(hour: 9, weekday: 6), atMinutes: 4_500),
    query(similarTo: [2, 9], atMinutes: 4_500),
    query((0..<60).map { act($0, at: Double($0)) }, context: context(device: "tv", region: "XX"), atMinutes: 9_000),
  ]

  @Test(arguments: models.indices, queries.indices)
  func `candidates are the best scores, in order, ties by ordinal, none of 0`(model: Int, question: Int) throws {
    let catalog = try shop()
    let model = Self.trained(Self.models[model], catalog)
    let question = Self.queries[question]
    let all = model.candidates(for: question, catalog: catalog, limit: 1_000)
    let scores = model.scores(of: all.map(\.item), for: question, catalog: catalog)
    #expect(zip(all, scores).allSatisfy { abs($0.score - $1) <= 1e-6 })
    #expect(all.allSatisfy { $0.score > 0 && $0.score <= 1 })
    #expect(Set(all.map(\.item)).count == all.count)
    #expect(zip(all, all.dropFirst()).allSatisfy { ($1.score, $0.item) < ($0.score, $1.item) })
    for limit in [0, 1, 7] {
      #expect(model.candidates(for: question, catalog: catalog, limit: limit).count == min(limit, all.count))
    }
    for item in all { #expect(model.reason(for: item.item, query: question, catalog: catalog) != nil) }
  }

  @Test(arguments: models.indices, queries.indices)
  func `a prepared question has the same answers`(model: Int, question: Int) throws {
    let catalog = try shop()
    let model = Self.trained(Self.models[model], catalog)
    let question = Self.queries[question]
    let prepared = model.prepare(question, catalog: catalog)
    let every = items(0..<catalog.ordinalCount)
    #expect(prepared.candidates(limit: 20) == model.candidates(for: question, catalog: catalog, limit: 20))
    #expect(prepared.scores(of: every) == model.scores(of: every, for: question, catalog: catalog))
    for item in every {
      #expect(prepared.reason(for: item) == model.reason(for: item, query: question, catalog: catalog))
    }
  }

  @Test(arguments: models.indices.filter { !(models[$0] is any ServedModel) })
  func `nothing learnt is nothing said`(model: Int) throws {
    let model = Self.models[model]
    for question in Self.queries {
      let catalog = try shop()
      #expect(model.candidates(for: question, catalog: catalog, limit: 10).isEmpty)
      #expect(model.scores(of: items(0..<3), for: question, catalog: catalog) == [0, 0, 0])
      #expect(model.reason(for: items([1])[0], query: question, catalog: catalog) == nil)
    }
  }

  @Test(arguments: models.indices)
  func `an item that came after everything learnt scores 0`(model: Int) throws {
    var catalog = try shop()
    let model = Self.trained(Self.models[model], catalog)
    let late = catalog.intern("came-late")
    for question in Self.queries {
      #expect(model.scores(of: [late], for: question, catalog: catalog) == [0])
      #expect(model.reason(for: late, query: question, catalog: catalog) == nil)
    }
  }

  @Test(arguments: models.indices.filter { models[$0].isPersonal })
  func `a personal model is silent for a stranger`(model: Int) throws {
    let catalog = try shop()
    let model = Self.trained(Self.models[model], catalog)
    let stranger = query(context: context(device: "mobile", region: "CH"), atMinutes: 4_500)
    #expect(model.candidates(for: stranger, catalog: catalog, limit: 10).isEmpty)
  }

  @Test(arguments: models.indices)
  func `saved changes bring the state back, and only changes are saved`(model: Int) throws {
    func check<Model: CandidateModel>(_ model: Model) throws {
      let catalog = try shop()
      var live = model
      var saved: [[UInt8]: [UInt8]] = [:]
      var folder = Folder()
      for (step, occurrence) in occurrences(900, seed: 8).enumerated() {
        folder.fold(occurrence, into: &live, catalog: catalog)
        guard step % 200 == 150 else { continue }
        for change in live.takeChanges() { saved[change.key] = change.value }
        #expect(live.takeChanges().isEmpty)
        var restored = model
        for (key, value) in saved { try restored.restore(key: key, value: value) }
        for question in Self.queries {
          let expected = live.candidates(for: question, catalog: catalog, limit: 100)
          #expect(restored.candidates(for: question, catalog: catalog, limit: 100) == expected)
        }
      }
    }
    try check(Self.models[model])
  }

  @Test(arguments: models.indices)
  func `the same acts give the same answers`(model: Int) throws {
    let catalog = try shop()
    let (one, other) = (Self.trained(Self.models[model], catalog), Self.trained(Self.models[model], catalog))
    for question in Self.queries {
      #expect(
        one.candidates(for: question, catalog: catalog, limit: 100)
          == other.candidates(for: question, catalog: catalog, limit: 100))
    }
  }

  @Test(arguments: models.indices)
  func `damaged records are refused`(model: Int) throws {
    func check<Model: CandidateModel>(_ model: Model) throws {
      var live = folded(occurrences(100, seed: 4), into: model, catalog: try shop())
      for change in live.takeChanges().prefix(5) {
        let value = try #require(change.value)
        for count in [0, 1, value.count - 1] {
          var other = model
          #expect(throws: BinaryError.self) { try other.restore(key: change.key, value: Array(value.prefix(count))) }
        }
      }
      var other = model
      #expect(throws: BinaryError.self) { try other.restore(key: [], value: [0, 0]) }
    }
    try check(Self.models[model])
  }
}
