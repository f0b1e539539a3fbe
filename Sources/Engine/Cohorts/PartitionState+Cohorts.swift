import Decisions
import Features
import Models
import Profiles

/// The cohorts in force, and who belongs to which.
extension PartitionState {
  mutating func fold(_ run: CohortRun) {
    guard cohorts.fold(run) else { return }
    endTeaching()
    installCohorts(isNew: true)
  }

  /// Gives the cohorts in force to whoever places people.
  /// - Parameter isNew: Whether they come into force now, and were not restored.
  mutating func installCohorts(isNew: Bool) {
    let set = cohorts.inForce?.set
    placing = set.map { CohortPlacing($0, catalog: catalog) }
    for index in models.indices {
      guard var model = models[index] as? CohortPopularity else { continue }
      model.install(set, catalog: catalog, isNew: isNew)
      models[index] = model
    }
  }

  /// The cohort of a person of whom a decision may know it, as their acts stand now.
  func cohort(of person: Person) -> CohortLabel? {
    guard let placing, let cohort = placing.cohort(person.history.recent, catalog: catalog) else { return nil }
    return CohortLabel(id: cohort.id, name: cohort.name)
  }

  /// Whether what a person did may be used for them at all.
  func mayPlace(_ person: Person) -> Bool {
    lackOfPersonalization(person.profile) == nil
  }
}
