import Foundation
import Models
import Primitives
import Testing

/// Counted models of what follows what, each beside a textbook version of itself.
@Suite struct SequenceKernelTests {
  static let itemCount = 12

  /// Sessions that go round the items in steps of one or two, with repeats; some are empty.
  static let sessions: [[UInt32]] = {
    var generator = SeededGenerator(seed: 3)
    return (0..<80).map { _ in
      var item = UInt32(generator.next(upperBound: UInt64(itemCount)))
      return (0..<Int(generator.next(upperBound: UInt64(8)))).map { _ in
        item = (item + UInt32(generator.next(upperBound: UInt64(3)))) % UInt32(itemCount)
        return item
      }
    }
  }()

  // MARK: Transitions

  static func textbook(_ settings: TransitionKernel.Settings, _ history: [UInt32]) -> [Double] {
    var counts = Array(repeating: Array(repeating: 0.0, count: itemCount), count: itemCount)
    for session in sessions {
      for one in session.indices {
        for other in session.indices where one < other && other - one <= settings.window {
          let (a, b) = (Int(session[one]), Int(session[other]))
          guard a != b else { continue }
          counts[a][b] += pow(settings.gapDecay, Double(other - one - 1))
          counts[b][a] += settings.backward * pow(settings.gapDecay, Double(other - one - 1))
        }
      }
    }
    var scores = Array(repeating: 0.0, count: itemCount)
    for (back, item) in history.suffix(settings.seeds).reversed().enumerated() {
      let row = counts[Int(item)].reduce(0, +)
      for b in 0..<itemCount where counts[Int(item)][b] > 0 {
        let column = counts.reduce(0) { $0 + $1[b] }
        scores[b] +=
          pow(settings.recency, Double(back)) * counts[Int(item)][b] / pow(row, settings.rowExponent)
          / pow(column, settings.columnExponent)
      }
    }
    return scores
  }

  @Test(arguments: [(1, 0.0, 1.0, 0.0, 1), (3, 0.0, 1.0, 0.3, 4), (4, 0.5, 0.7, 0.15, 3), (50, 1.0, 0.5, 0.5, 20)])
  func `transitions are counted pair by pair`(
    window: Int, backward: Double, rowExponent: Double, columnExponent: Double, seeds: Int
  ) throws {
    var settings = TransitionKernel.Settings()
    (settings.window, settings.backward, settings.seeds) = (window, backward, seeds)
    (settings.rowExponent, settings.columnExponent) = (rowExponent, columnExponent)
    let model = try TransitionKernel(training: Self.sessions, itemCount: Self.itemCount, settings: settings)
    for history in [[0], [3, 4], [5, 5, 6], [1, 2, 3, 4, 5, 6, 7]] as [[UInt32]] {
      #expect(isNear(model.scores(after: history), Self.textbook(settings, history), within: 1e-5), "\(history)")
    }
    let threaded = try TransitionKernel(
      training: Self.sessions, itemCount: Self.itemCount, settings: settings, workers: 3)
    #expect(threaded == model)
  }

  // MARK: Session neighbours

  /// Over all sessions, one by one.
  static func textbook(_ settings: SessionNeighbours.Settings, _ history: [UInt32]) -> [Double] {
    let sessions = sessions.filter { !$0.isEmpty }
    let recent = Array(history.suffix(settings.seeds).reversed())
    func step(_ item: UInt32) -> Int? { recent.firstIndex(of: item) }
    func fading(_ step: Int) -> Double {
      switch settings.fading {
      case .linear: 1 - Double(step) / Double(history.count)
      case .geometric(let recency): pow(recency, Double(step))
      }
    }
    var near: [(session: Int, similarity: Double)] = []
    for (number, session) in sessions.enumerated().reversed() where near.count < settings.sample {
      let steps = Set(session).compactMap { step($0) }
      guard !steps.isEmpty else { continue }
      let age = Double(sessions.count - 1 - number) / Double(sessions.count)
      let sum = steps.reduce(0) { $0 + fading($1) }
      near.append(
        (number, sum * exp(-settings.ageDecay * age) / pow(Double(session.count), settings.lengthExponent)))
    }
    near.sort { ($0.similarity, $0.session) > ($1.similarity, $1.session) }
    var scores = Array(repeating: 0.0, count: itemCount)
    for neighbour in near.prefix(settings.neighbours) {
      let session = sessions[neighbour.session]
      let nearest = session.compactMap { step($0) }.min() ?? 0
      let place = session.lastIndex(of: recent[nearest]) ?? 0
      for (other, item) in session.enumerated() where other != place {
        let holders = sessions.filter { $0.contains(item) }.count
        scores[Int(item)] +=
          neighbour.similarity * max(0, 1 - settings.stepPenalty * Double(nearest))
          * exp(-settings.distanceDecay * Double(abs(other - place) - 1)) * (other < place ? settings.backward : 1)
          * pow(log(Double(sessions.count) / Double(holders)), settings.rarity)
      }
    }
    return scores
  }

  static let variants: [SessionNeighbours.Settings] = {
    var plain = SessionNeighbours.Settings()
    (plain.fading, plain.lengthExponent, plain.ageDecay, plain.distanceDecay) = (.linear, 0, 0, 0)
    (plain.backward, plain.rarity) = (1, 0)
    var few = SessionNeighbours.Settings()
    (few.sample, few.neighbours, few.seeds, few.stepPenalty) = (9, 4, 2, 0.5)
    var one = SessionNeighbours.Settings()
    (one.neighbours, one.ageDecay) = (1, 3)
    return [SessionNeighbours.Settings(), plain, few, one]
  }()

  @Test(arguments: variants)
  func `session neighbours answer as if every session were looked at`(settings: SessionNeighbours.Settings) throws {
    let model = try SessionNeighbours(training: Self.sessions, itemCount: Self.itemCount, settings: settings)
    for history in [[0], [3, 4], [5, 5, 6], [1, 2, 3, 4, 5, 6, 7]] as [[UInt32]] {
      #expect(isNear(model.scores(after: history), Self.textbook(settings, history), within: 1e-4), "\(history)")
    }
  }

  // MARK: Both

  @Test func `a history of nothing, or of later items, has scores of 0`() throws {
    let kernel = try TransitionKernel(training: Self.sessions, itemCount: Self.itemCount)
    let neighbours = try SessionNeighbours(training: Self.sessions, itemCount: Self.itemCount)
    for model in [kernel, neighbours] as [any HistoryScorer] {
      #expect(model.scores(after: []).allSatisfy { $0 == 0 })
      #expect(model.scores(after: [12, .max]).allSatisfy { $0 == 0 })
    }
  }

  @Test(
    arguments: [
      ([], .noInteractions), ([[], []], .noInteractions), ([[1, 2], []], .onePerson), ([[2, 2], [2]], .oneItem),
    ] as [([[UInt32]], TrainingRefusal)])
  func `sequences that teach nothing are refused`(sequences: [[UInt32]], refusal: TrainingRefusal) {
    #expect(throws: refusal) { _ = try TransitionKernel(training: sequences, itemCount: 3) }
    #expect(throws: refusal) { _ = try SessionNeighbours(training: sequences, itemCount: 3) }
  }

  @Test func `settings that make no sense are refused by name`() {
    var kernel = TransitionKernel.Settings()
    kernel.gapDecay = 0
    #expect(throws: TrainingRefusal.self) {
      _ = try TransitionKernel(training: Self.sessions, itemCount: 12, settings: kernel)
    }
    kernel = TransitionKernel.Settings()
    kernel.window = 0
    #expect(throws: TrainingRefusal.settings("found a window of 0 and 20 seeds, expected at least 1")) {
      _ = try TransitionKernel(training: Self.sessions, itemCount: 12, settings: kernel)
    }
    var neighbours = SessionNeighbours.Settings()
    neighbours.fading = .geometric(1.5)
    #expect(throws: TrainingRefusal.self) {
      _ = try SessionNeighbours(training: Self.sessions, itemCount: 12, settings: neighbours)
    }
    neighbours = SessionNeighbours.Settings()
    neighbours.sample = 0
    #expect(throws: TrainingRefusal.settings("found a sample of 0, expected at least 1")) {
      _ = try SessionNeighbours(training: Self.sessions, itemCount: 12, settings: neighbours)
    }
  }
}
