import Catalog
import Dispatch
import Events
import Features
import Foundation
import Models
import Synchronization

/// One act for the models, with all that they may look at.
struct Lesson: Sendable {
  let act: Interaction
  /// What the person did around it, oldest first.
  let history: [Interaction]
  let context: ContextFacts

  func teach(_ models: inout [any CandidateModel], catalog: ItemCatalog) {
    for index in models.indices { models[index].fold(act, history: history, context: context, catalog: catalog) }
  }
}

/// A thread that teaches models while their owner does something else. The models are handed over and handed back, so that
/// at any time one thread has them; lessons are learnt in the order in which they are given.
final class ModelTeacher: Sendable {
  private enum Message: Sendable { case begin, lessons([Lesson]), end, close }

  /// What is handed over. It is taken off, so that models change in place and nothing is copied for a second owner.
  private struct Desk: Sendable {
    var models: [any CandidateModel] = []
    var catalog = ItemCatalog()
  }

  private final class Shared: Sendable {
    let inbox = Mailbox<Message>(weightMax: .max)
    let desk = Mutex(Desk())
    let ended = DispatchSemaphore(value: 0)
  }

  private let shared = Shared()

  init() {
    let thread = Thread { [shared] in Self.work(shared) }
    thread.name = "attune-models"
    thread.start()
  }

  deinit { shared.inbox.report(.close) }

  /// Takes the models away.
  /// - Parameter catalog: As it is until `end`.
  func begin(_ models: inout [any CandidateModel], catalog: ItemCatalog) {
    shared.desk.withLock { desk in
      swap(&desk.models, &models)
      desk.catalog = catalog
    }
    shared.inbox.report(.begin)
  }

  func teach(_ lessons: [Lesson]) { shared.inbox.report(.lessons(lessons)) }

  /// Waits until everything is learnt, and gives the models back.
  func end(_ models: inout [any CandidateModel]) {
    shared.inbox.report(.end)
    shared.ended.wait()
    shared.desk.withLock { swap(&$0.models, &models) }
  }

  private static func work(_ shared: Shared) {
    var taken = Desk()
    while true {
      for message in shared.inbox.take(timeout: .seconds(60)) {
        switch message {
        case .begin: shared.desk.withLock { swap(&$0, &taken) }
        case .lessons(let lessons):
          for lesson in lessons { lesson.teach(&taken.models, catalog: taken.catalog) }
        case .end:
          taken.catalog = ItemCatalog()
          shared.desk.withLock { swap(&$0, &taken) }
          shared.ended.signal()
        case .close: return
        }
      }
    }
  }
}
