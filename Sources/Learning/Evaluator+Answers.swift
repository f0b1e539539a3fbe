import Mathematics
import Synchronization

/// What a model answered to one question.
public struct EvaluationAnswer: Sendable, Hashable {
  /// Of the targets that were ranked, from 1.
  public let places: [Int]
  /// The first k, best first; empty where k is above `Evaluator.listMax`, and where the question gives candidates, since a list
  /// among those says nothing of a catalogue.
  public let list: [UInt32]

  public init(places: [Int], list: [UInt32]) {
    self.places = places
    self.list = list
  }
}

extension Evaluator {
  /// Longer lists are not measured: pairs of a list grow with its square.
  public static let listMax = 100

  /// A model's answers to all questions, in their order.
  public func answers(of model: any FittedModel, to questions: [EvaluationQuestion]) -> [EvaluationAnswer] {
    let collected = Collected()
    let k = k
    WorkQueue.share(questions.count, chunk: chunk(of: model), workers: workers) { queue in
      while let range = queue.next() {
        let scores = model.scores(for: questions[range])
        let answers = zip(range, 0...).map { number, row in
          EvaluationAnswer(
            places: Self.places(of: questions[number], scores: scores[row]),
            list: Self.list(for: questions[number], scores: scores[row], k: k))
        }
        collected.chunks.withLock { $0[range.lowerBound] = answers }
      }
    }
    return collected.chunks.withLock { chunks in chunks.sorted { $0.key < $1.key }.flatMap(\.value) }
  }

  private final class Collected: Sendable {
    let chunks = Mutex<[Int: [EvaluationAnswer]]>([:])
  }

  /// The k items with the highest scores, of equal ones the first; what is no number is not among them.
  static func list(for question: EvaluationQuestion, scores: ArraySlice<Float>, k: Int) -> [UInt32] {
    let seen: Set<UInt32>
    switch question.candidates {
    case .given: return []
    case _ where k > listMax: return []
    case .all: seen = []
    case .unseen: seen = Set(question.history.items)
    }
    var best: [(score: Float, item: UInt32)] = []
    for (item, score) in zip(UInt32(0)..., scores) {
      if best.count == k, let last = best.last, score <= last.score { continue }
      guard !score.isNaN, !seen.contains(item) else { continue }
      if best.count == k { best.removeLast() }
      var place = best.count
      while place > 0, best[place - 1].score < score { place -= 1 }
      best.insert((score, item), at: place)
    }
    return best.map(\.item)
  }
}
