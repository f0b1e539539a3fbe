import Catalog
import Features
import Mathematics

/// Cohorts that are found again keep their ids and names.
extension CohortSet {
  /// Shared people over all people of two cohorts from which on they are the same.
  static let sameMin = 0.3
  /// From which on the name stays as well, though others might fit by now a little better.
  static let nameMin = 0.5

  /// Pairs the cohorts with those of the set before, by the people that both would place in them, and gives the rest new
  /// numbers.
  ///
  /// The pairing is the one that shares most people (`bestAssignment`); a pair counts by its Jaccard index.
  /// - Parameter people: Histories that both sets place.
  mutating func takeIdentity(of previous: CohortSet?, among people: [[Interaction]], catalog: ItemCatalog) {
    if let previous, !previous.cohorts.isEmpty {
      let (new, old) = (CohortPlacing(self, catalog: catalog), CohortPlacing(previous, catalog: catalog))
      var shared = [[Double]](
        repeating: [Double](repeating: 0, count: previous.cohorts.count), count: cohorts.count)
      for history in people {
        if let place = new.place(history, catalog: catalog), let before = old.place(history, catalog: catalog) {
          shared[place][before] += 1
        }
      }
      let before = previous.cohorts.indices.map { place in shared.reduce(0) { $0 + $1[place] } }
      for case (let place, let other?) in bestAssignment(shared).enumerated() {
        let both = shared[place][other]
        let jaccard = both / max(1, shared[place].reduce(0, +) + before[other] - both)
        guard jaccard >= Self.sameMin else { continue }
        cohorts[place].id = previous.cohorts[other].id
        if jaccard >= Self.nameMin { cohorts[place].name = previous.cohorts[other].name }
      }
    }
    for place in cohorts.indices where cohorts[place].id.isEmpty {
      cohorts[place].id = "c\(nextNumber)"
      nextNumber += 1
    }
    // Kept names go first, so that a new one gives way.
    let kept = Set(previous?.cohorts.map(\.name) ?? [])
    let order =
      cohorts.indices.filter { kept.contains(cohorts[$0].name) }
      + cohorts.indices.filter {
        !kept.contains(cohorts[$0].name)
      }
    for (place, name) in zip(order, CohortDescriptions.numbered(order.map { cohorts[$0].name })) {
      cohorts[place].name = name
    }
  }
}
