public import Catalog
public import Decisions
public import Events
import Features
import Models
public import Primitives
import Profiles

extension Partition {
  // MARK: People

  /// The profile that holds an identifier; nil when nobody does.
  public func profile(of identifier: Identifier, at now: Timestamp) async throws(EngineError) -> PersonView? {
    let key = key(of: identifier)
    return try await read { state in
      guard let id = try state.profile(of: [key]) else { return nil }
      return try state.view(of: id, at: now)
    }
  }

  /// A profile by its id, merges followed; nil when there is none.
  public func profile(_ id: ProfileID, at now: Timestamp) async throws(EngineError) -> PersonView? {
    try await read { state in try state.view(of: id, at: now) }
  }

  /// The ids of all people, ascending. Reads the saved state: not for an event loop.
  public func profileIDs() async throws(EngineError) -> [ProfileID] {
    var ids = Set(try await read { state in state.profileIDsInMemory })
    do {
      try store.forEachState(section: PartitionState.Section.persons) { key, _ in
        if let id = ProfileID(stateKey: key) { ids.insert(id) }
      }
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the saved profiles cannot be read: \(error)")
    }
    return ids.sorted()
  }

  /// Those of `ids` that are people of their own, in that order; ids of merged profiles are left out.
  public func profiles(_ ids: [ProfileID], at now: Timestamp) async throws(EngineError) -> [PersonView] {
    try await read { state in
      try ids.compactMap { try state.view(of: $0, at: now) }.filter { $0.redirectedFrom == nil }
    }
  }

  // MARK: Decisions

  /// A decision's record with its outcomes; nil when this workspace has none of that id.
  /// - Parameter item: An item that is asked for: should the record not mention it, the view says why.
  public func decision(_ id: DecisionID, asking item: String? = nil) async throws(EngineError) -> DecisionView? {
    let record: DecisionRecord
    do {
      guard let position = try store.position(of: id.rawValue), let entry = try store.entry(at: position),
        entry.kind == .decision
      else { return nil }
      var reader = BinaryReader(entry.payload)
      record = try DecisionRecord(from: &reader)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the record of decision \(id) cannot be read: \(error)")
    }
    return try await read { state in
      let outcomes = try state.outcomes.value(id, state.read)?.outcomes ?? []
      let isMentioned = item.flatMap { state.catalog.ordinal(of: $0) }.map { record.mentions($0) } ?? false
      let absence = isMentioned ? nil : item.map { (item: $0, text: state.whyNot($0, in: record)) }
      return DecisionView(record: record, outcomes: outcomes, catalog: state.catalog, absence: absence)
    }
  }

  // MARK: Items

  public func item(_ id: String) async throws(EngineError) -> CatalogItem? {
    try await read { state in state.catalog.ordinal(of: id).flatMap { state.catalog.item($0) } }
  }

  /// Items in the order of their ids.
  /// - Returns: At most `limit`, and the id to go on after, nil at the end.
  public func items(after id: String?, limit: Int) async throws(EngineError) -> ItemPage {
    try await read { state in
      let items = state.catalog.items(after: id, limit: limit + 1)
      return ItemPage(
        items: Array(items.prefix(limit)), next: items.count > limit ? items[limit - 1].id : nil,
        revision: state.catalog.revision)
    }
  }

  /// Items like one item, for nobody in particular; nil when the item is unknown.
  public func similar(to itemID: String, count: Int, at now: Timestamp) async throws(EngineError) -> [DecidedItem]? {
    try await read { state in
      guard let item = state.catalog.ordinal(of: itemID) else { return nil }
      return state.list(similarTo: [item], count: count, at: now)
    }
  }

  /// What is chosen most at the moment, by everybody.
  public func popular(count: Int, at now: Timestamp) async throws(EngineError) -> [DecidedItem] {
    try await read { state in state.list(similarTo: [], count: count, at: now) }
  }

  // MARK: Dead letters

  /// The latest dead letters, newest first.
  public func deadLetters(before: LogPosition?, limit: Int) async throws(EngineError) -> DeadLetterPage {
    let (positions, total, counts) = try await read { state in
      let older = state.letters.positions.reversed().drop { position in
        before.map { position >= $0.rawValue } ?? false
      }
      return (Array(older.prefix(limit + 1)), state.letters.total, state.letters.countByCode)
    }
    do {
      var letters: [DeadLetterPage.Row] = []
      for position in positions.prefix(limit) {
        guard let entry = try store.entry(at: LogPosition(position)), entry.kind == .deadLetter else { continue }
        var reader = BinaryReader(entry.payload)
        letters.append(.init(position: LogPosition(position), letter: try DeadLetter(from: &reader)))
      }
      let next = positions.count > limit ? LogPosition(positions[limit - 1]) : nil
      return DeadLetterPage(rows: letters, next: next, total: total, countByCode: counts)
    } catch {
      throw .corrupt("the dead letters cannot be read: \(error)")
    }
  }

  // MARK: The log

  /// Entries from a position on: at least one when there is one, then as many as fit about `bytesMax`.
  public func entries(from position: LogPosition, bytesMax: Int) async throws(EngineError) -> [PositionedEntry] {
    do throws(PartitionStoreError) {
      return try store.entries(from: position, bytesMax: bytesMax)
    } catch {
      throw EngineError(error)
    }
  }

  /// The files of the definitions in force.
  public func definitions() async throws(EngineError) -> (version: Int, files: [DefinitionFile]) {
    try await read { state in (state.definitions.version, state.definitions.files) }
  }
}

public struct ItemPage: Sendable {
  public let items: [CatalogItem]
  public let next: String?
  public let revision: UInt64
}

public struct DeadLetterPage: Sendable {
  public struct Row: Sendable {
    public let position: LogPosition
    public let letter: DeadLetter
  }

  public let rows: [Row]
  /// Where the next page begins; nil at the end.
  public let next: LogPosition?
  /// All there ever were, also those too old to be listed.
  public let total: UInt64
  public let countByCode: [String: UInt64]
}

extension PartitionState {
  var profileIDsInMemory: [ProfileID] {
    var ids: [ProfileID] = []
    ids.reserveCapacity(persons.count)
    persons.forEachInMemory { id, _ in ids.append(id) }
    return ids
  }

  /// - Parameter now: Where the windows of features end.
  mutating func view(of asked: ProfileID, at now: Timestamp) throws -> PersonView? {
    guard let id = try current(asked), let person = try persons.value(id, read) else { return nil }
    let recent = person.history.recent.suffix(50).reversed().map {
      PersonView.RecentAct(item: catalog.id(of: $0.item), kind: $0.kind.name, at: $0.at)
    }
    let features = active.features.values(of: person.features, history: person.history, dwell: dwell, at: now)
    return PersonView(person: person, features: features, recent: recent, asked: asked == id ? nil : asked)
  }

  /// An unpersonalised list: alike items, or the popular ones.
  fileprivate func list(similarTo: [ItemOrdinal], count: Int, at now: Timestamp) -> [DecidedItem] {
    let query = ModelQuery(history: [], context: ContextFacts(), similarTo: similarTo, now: now)
    let wanted = similarTo.isEmpty ? ["popularity"] : ["content", "co_visitation"]
    var best: [ItemOrdinal: (score: Float, reason: ModelReason?)] = [:]
    for model in models where wanted.contains(model.name) {
      for scored in model.candidates(for: query, catalog: catalog, limit: count * 4) where isListable(scored.item) {
        let share = scored.score / Float(wanted.count)
        let reason = best[scored.item]?.reason ?? model.reason(for: scored.item, query: query, catalog: catalog)
        best[scored.item] = ((best[scored.item]?.score ?? 0) + share, reason)
      }
    }
    let ordered = best.filter { !similarTo.contains($0.key) }
      .sorted { $0.value.score != $1.value.score ? $0.value.score > $1.value.score : $0.key < $1.key }
    let text = ReasonText(catalog: catalog)
    return ordered.prefix(count).enumerated().map { place, entry in
      DecidedItem(
        itemID: catalog.id(of: entry.key), rank: place + 1, score: entry.value.score, propensity: 1,
        reasons: entry.value.reason.map {
          let reason = RecordedReason(code: $0.code, because: $0.because, detail: $0.detail)
          return [Reason(code: $0.code, text: text.sentence(reason))]
        } ?? [])
    }
  }

  private func isListable(_ item: ItemOrdinal) -> Bool {
    let facts = catalog.facts(of: item)
    guard facts.isListed else { return catalog.isEmpty && facts.revision == 0 }
    return facts.isAvailable && !facts.isOutOfStock && facts.ageMin == 0 && !facts.isLimitedToRegions
  }
}
