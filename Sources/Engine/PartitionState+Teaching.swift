import Catalog
import Events
import Features
import Models
import Primitives

/// How models learn of acts: at once, or, while many entries are folded, on a thread of their own.
///
/// On that thread they read the catalogue, so nothing changes it before `endTeaching`.
extension PartitionState {
  /// Fewer entries are not worth the hand-over.
  private static let taughtApartMin = 32
  /// Lessons that are handed over together.
  private static let lessonsTogether = 64

  mutating func beginTeaching(entryCount: Int) {
    guard entryCount >= Self.taughtApartMin, !models.isEmpty else { return }
    isTeachingApart = true
    teacher.begin(&models, catalog: catalog)
  }

  /// Waits until all acts so far are learnt; models are here again.
  mutating func endTeaching() {
    guard isTeachingApart else { return }
    isTeachingApart = false
    if !lessons.isEmpty { teacher.teach(lessons) }
    lessons.removeAll()
    teacher.end(&models)
  }

  /// Beside a catalogue, items that it does not hold are never shown; anybody who may send events can invent them.
  func isLearntOf(_ item: ItemOrdinal) -> Bool { catalog.isEmpty || catalog.isListed(item) }

  /// - Parameter acts: Of one event of the person, which has not come into the person's history yet.
  mutating func teach(_ acts: [Interaction], of event: Event, by profileID: ProfileID) throws {
    guard let first = acts.first else { return }
    let (before, after) = try persons.inspect(profileID, read) { $0.history.acts(around: first.at) } ?? ([], [])
    for (place, act) in acts.enumerated() {
      guard isLearntOf(act.item) else { continue }
      if act.kind == .dwell { dwell.fold(act.item, seconds: Double(act.value)) }
      // The lines of one order were bought together.
      let lesson = Lesson(
        act: act, history: [before, acts[..<place], after].flatMap { $0 }, context: event.context)
      if isTeachingApart { lessons.append(lesson) } else { lesson.teach(&models, catalog: catalog) }
    }
    if lessons.count >= Self.lessonsTogether {
      teacher.teach(lessons)
      lessons.removeAll(keepingCapacity: true)
    }
  }
}
