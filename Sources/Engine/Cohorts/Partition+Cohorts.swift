import Catalog
public import Features
import Models
public import Primitives

/// What somebody did, for whoever looks for cohorts.
public struct PersonActs: Sendable {
  public let person: ProfileID
  /// The latest, oldest first.
  public let acts: [Interaction]
}

extension Partition {
  /// People that are looked at in one turn of the owner.
  private static let peopleAtOnce = 100

  /// The cohorts in force, and what the last search for them came to.
  public func cohorts() async throws(EngineError) -> CohortListing {
    try await read { CohortListing(registry: $0.cohorts, catalog: $0.catalog) }
  }

  /// The latest acts of people, of each at most `CohortSpace.actsMax`; of a large workspace a sample that is drawn by the ids, the
  /// same ones again and again. Who has fewer than `CohortSpace.actsMin` is left out.
  ///
  /// Reads the saved state on the caller's thread.
  /// - Parameter report: Told the share of people read; false ends it.
  public func peoplesActs(
    atMost limit: Int, report: @Sendable (Double) -> Bool
  ) async throws(EngineError) -> [PersonActs] {
    var ids = try await profileIDs()
    if ids.count > limit {
      let drawn = ids.map { (word: hash.hash64($0.description), id: $0) }.sorted { ($0.word, $0.id) < ($1.word, $1.id) }
      ids = drawn.prefix(limit).map(\.id).sorted()
    }
    var people: [PersonActs] = []
    var place = 0
    while place < ids.count, report(Double(place) / Double(ids.count)) {
      let page = Array(ids[place..<min(ids.count, place + Self.peopleAtOnce)])
      place += page.count
      people += try await read { state in
        try page.compactMap { id in
          try state.persons.inspect(id, state.read) { person -> PersonActs? in
            let acts = person.history.recent.suffix(CohortSpace.actsMax)
            guard person.mergedInto == nil, acts.count >= CohortSpace.actsMin else { return nil }
            return PersonActs(person: id, acts: Array(acts))
          } ?? nil
        }
      }
    }
    return people
  }

  /// Keeps a search for cohorts in the log; what it found is in force from the next decision on.
  /// - Returns: The run with its version; as it would have been where it came to nothing for the same reason as the last one,
  ///   which is not kept twice.
  public func record(_ run: CohortRun) async throws(EngineError) -> CohortRun {
    var run = run
    let (registry, erasedAt) = try await read { ($0.cohorts, $0.erasurePositions.last) }
    run.version = (registry.last?.version ?? 0) + 1
    if let erasedAt, erasedAt > run.end, run.set != nil {
      run.outcome = .refused("a person was erased meanwhile, whose acts they may be made of; train again")
    }
    if let reason = run.refusal, reason == registry.last?.refusal { return run }
    let entry = run
    try await ask(weight: 1) { .cohorts(entry, $0) }.get()
    return run
  }
}

/// The cohorts of a workspace, ready to be shown.
public struct CohortListing: Sendable {
  /// Liked items that are shown of each.
  private static let likingsShown = 10

  public let registry: CohortRegistry
  private let catalog: ItemCatalog

  init(registry: CohortRegistry, catalog: ItemCatalog) {
    self.registry = registry
    self.catalog = catalog
  }

  /// `{"version", "found_at", "people", "held_back", "stability", "cohorts", "reason"}`
  public func write(into writer: inout JSONWriter) {
    let run = registry.inForce
    writer.object { writer in
      writer.member("version", run?.version ?? 0)
      writer.member("found_at", run?.finishedAt.description)
      writer.member("people", run?.set?.people ?? 0)
      writer.member("held_back", run?.heldBack ?? 0)
      writer.member("stability", run?.set?.stability)
      writer.member("reason", reason)
      writer.member(
        "cohorts",
        array: { list in
          guard let set = run?.set else { return }
          for cohort in set.cohorts { write(cohort, of: set, into: &list) }
        })
    }
  }

  /// Why there are none, or no newer ones; nil when the last search found those in force.
  private var reason: String? {
    guard let last = registry.last else { return "nobody has looked for cohorts yet; a training does: 'attune train'" }
    return last.refusal
  }

  private func write(_ cohort: Cohort, of set: CohortSet, into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("id", cohort.id)
      writer.member("name", cohort.name)
      writer.member("people", cohort.people)
      writer.member("share", Double(cohort.people) / Double(max(1, set.people)))
      writer.member(
        "drivers",
        array: { list in
          for driver in cohort.drivers {
            list.object {
              $0.member("kind", driver.block)
              $0.member("feature", driver.feature)
              $0.member("share", driver.share)
              $0.member("lift", driver.lift)
            }
          }
        })
      writer.member(
        "likes",
        array: { list in
          for liking in cohort.likings.prefix(Self.likingsShown) {
            list.object {
              $0.member("item_id", catalog.id(of: liking.item))
              $0.member("title", catalog.title(of: liking.item))
            }
          }
        })
    }
  }
}
