import Catalog
public import Engine
import Features
import Models
public import Primitives

/// Looks for cohorts in what the people of a workspace did last, and puts them into force.
///
/// People who are held back from trainings (`TrainingSet`) are left out here as well: they are placed in what the others gave,
/// and how many can be is told. Of a large workspace a sample is looked at, which bounds time and memory.
public struct CohortTrainer: Sendable {
  /// People who are looked at.
  static let peopleMax = 20_000

  let partition: Partition
  let seed: UInt64
  let now: @Sendable () -> Timestamp
  /// Told the share of people read, and asked while they are grouped; false stops it.
  let report: @Sendable (Double?) -> Bool

  public init(
    partition: Partition, seed: UInt64, now: @escaping @Sendable () -> Timestamp,
    report: @escaping @Sendable (Double?) -> Bool
  ) {
    (self.partition, self.seed, self.now, self.report) = (partition, seed, now, report)
  }

  /// - Returns: The run as the log has it, whether anything was found or not; nil when it was stopped.
  public func run() async throws(EngineError) -> CohortRun? {
    let startedAt = now()
    let end = try await partition.trainingGround().logEnd
    let catalog = try await partition.trainingCatalog()
    let people = try await partition.peoplesActs(atMost: Self.peopleMax) { report($0) }
    // Whoever is held back among more people is so among these.
    let (left, training) = people.partitioned { TrainingSet.isHeldBack($0.person, among: people.count) }
    guard report(nil) else { return nil }

    var finder = CohortFinder()
    finder.seed = seed
    finder.isOver = { !report(nil) }
    let outcome: CohortRun.Outcome
    let previous = try await partition.cohorts().registry.inForce?.set
    do throws(CohortRefusal) {
      outcome = .found(try finder.cohorts(in: training.map(\.acts), catalog: catalog, previous: previous))
    } catch {
      if error == .stopped { return nil }
      outcome = .refused(error.description)
    }
    var placed = 0
    if case .found(let set) = outcome {
      let placing = CohortPlacing(set, catalog: catalog)
      placed = left.count { placing.place($0.acts, catalog: catalog) != nil }
    }
    return try await partition.record(
      CohortRun(
        version: 0, startedAt: startedAt, finishedAt: now(), end: end, heldBack: left.count,
        heldBackPlaced: left.isEmpty ? 0 : Double(placed) / Double(left.count), outcome: outcome))
  }
}

extension Array {
  /// Those for which it holds, and the others, in order.
  fileprivate func partitioned(by holds: (Element) -> Bool) -> (those: [Element], others: [Element]) {
    var (those, others): ([Element], [Element]) = ([], [])
    for element in self { if holds(element) { those.append(element) } else { others.append(element) } }
    return (those, others)
  }
}
