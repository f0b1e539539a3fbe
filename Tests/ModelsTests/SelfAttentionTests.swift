import Foundation
import Mathematics
import Primitives
import Testing

@testable import Models

@Suite struct SelfAttentionTests {
  /// Walks around a circle of items, some forwards and some backwards: only the order of the last two acts says what is next.
  static func walks(_ count: Int = 60, items: Int = 9, length: Int = 12) -> [[UInt32]] {
    var generator = SeededGenerator(seed: 8)
    return (0..<count).map { walk in
      let start = Int(generator.next(upperBound: UInt64(items)))
      let turn = walk % 2 == 0 ? 1 : items - 1
      return (0..<length).map { UInt32((start + $0 * turn) % items) }
    }
  }

  static func settings(epochs: Int = 40, seed: UInt64 = 0) -> SelfAttention.Settings {
    var settings = SelfAttention.Settings()
    (settings.dimensions, settings.hidden, settings.heads, settings.blocks) = (16, 32, 2, 1)
    (settings.length, settings.batch, settings.dropout, settings.rate) = (8, 64, 0.1, 0.01)
    (settings.epochs, settings.patience, settings.seed) = (epochs, epochs, seed)
    // A walk around the whole circle leaves one item that its history has not: nothing to judge an epoch by.
    settings.validationShare = 0
    return settings
  }

  static func fit(
    _ sequences: [[UInt32]] = walks(), items: Int = 10, _ settings: SelfAttention.Settings = settings(),
    workers: Int = 2
  ) throws -> SelfAttention {
    try SelfAttention(training: sequences, itemCount: items, settings: settings, workers: workers)
  }

  static func fit(_ settings: SelfAttention.Settings, workers: Int = 2) throws -> SelfAttention {
    try fit(walks(), settings, workers: workers)
  }

  @Test func `the order of the acts says what comes next`() throws {
    let model = try Self.fit()
    let histories: [[UInt32]] = [[3, 4], [4, 3], [7, 8, 0], [1, 0, 8], [5, 6, 7, 8, 0, 1, 2, 3, 4, 5]]
    let scores = model.scores(of: histories)
    let best = histories.indices.map { row in (0..<9).max { scores[row, $0] < scores[row, $1] } }
    #expect(best == [5, 2, 1, 7, 6])
  }

  @Test func `the same seed gives the same weights, whatever the number of workers`() throws {
    let one = try Self.fit(Self.settings(epochs: 2, seed: 7), workers: 1)
    #expect(try Self.fit(Self.settings(epochs: 2, seed: 7), workers: 3) == one)
    #expect(try Self.fit(Self.settings(epochs: 2, seed: 8), workers: 1) != one)
    let histories = Self.walks(70)
    #expect(one.scores(of: histories, workers: 3) == one.scores(of: histories, workers: 1))
  }

  @Test func `a sample of the items teaches nearly what all teach`() throws {
    let items = 60
    let sequences = Self.walks(80, items: items, length: 30)
    var settings = Self.settings()
    settings.negatives = 10
    settings.length = 30
    let model = try Self.fit(sequences, items: items, settings)
    let scores = model.scores(of: [[3, 4], [40, 39]])
    #expect((0..<items).max { scores[0, $0] < scores[0, $1] } == 5)
    #expect((0..<items).max { scores[1, $0] < scores[1, $1] } == 38)
  }

  @Test func `what the training never met is last, and is passed over in a history`() throws {
    let model = try Self.fit(Self.settings(epochs: 1))
    let scores = model.scores(of: [[3, 4], [3, 9, 4], [3, 4_000_000_000, 4], [], [9]])
    for row in 0..<5 { #expect((0..<9).allSatisfy { scores[row, 9] < scores[row, $0] }) }
    #expect(scores[1].elementsEqual(scores[0]) && scores[2].elementsEqual(scores[0]))
    for row in 3..<5 { #expect((0..<9).allSatisfy { scores[row, $0] == 0 }, "nothing to go by") }
    #expect(model.scores(of: []).rowCount == 0)
  }

  @Test func `a score is the product of a history's vector with an item's`() throws {
    let model = try Self.fit(Self.settings(epochs: 1))
    let products = model.vectors(of: Self.walks(5)).multiplied(byTransposed: model.items)
    let scores = model.scores(of: Self.walks(5))
    for row in 0..<5 { for item in 0..<9 { #expect(abs(products[row, item] - scores[row, item]) < 1e-4) } }
  }

  @Test func `only the last acts of a long history count, and not who else is asked for`() throws {
    let model = try Self.fit(Self.settings(epochs: 1))
    let walk = Self.walks(1)[0]
    #expect(model.vectors(of: [[0, 1, 0] + walk]) == model.vectors(of: [walk]))
    let together = model.vectors(of: Self.walks(20))
    let alone = Self.walks(20).map { model.vectors(of: [$0]).values }
    #expect(zip(together.values, alone.joined()).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test func `progress is told after each epoch, and can stop the fit or end it with what there is`() throws {
    var told: [SelfAttention.Progress] = []
    let whole = try SelfAttention(training: Self.walks(), itemCount: 10, settings: Self.settings(epochs: 3)) {
      told.append($0)
      return .proceed
    }
    #expect(told.map(\.epoch) == [1, 2, 3])
    #expect(told[2].loss < told[0].loss && told[0].validation == nil)
    let ended = try SelfAttention(training: Self.walks(), itemCount: 10, settings: Self.settings(epochs: 3)) {
      $0.epoch == 2 ? .finish : .proceed
    }
    #expect(ended != whole)
    #expect(throws: TrainingRefusal.stopped) {
      _ = try SelfAttention(training: Self.walks(), itemCount: 10, settings: Self.settings()) {
        $0.epoch == 2 ? .stop : .proceed
      }
    }
  }

  @Test func `a fit ends when no epoch has been better for a while, and gives the best`() throws {
    let sequences = Self.walks(items: 40)
    var settings = Self.settings(epochs: 200)
    (settings.patience, settings.validationShare) = (2, 0.5)
    var scores: [Double] = []
    let model = try SelfAttention(training: sequences, itemCount: 40, settings: settings) {
      scores.append($0.validation ?? -1)
      return .proceed
    }
    let best = try #require(scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) })
    #expect(best > 0 && scores.count == best + 3, "\(scores)")
    let ended = try SelfAttention(training: sequences, itemCount: 40, settings: settings) {
      $0.epoch == best + 1 ? .finish : .proceed
    }
    #expect(ended == model)
  }

  @Test(
    arguments: [
      ([], 3, .noInteractions), ([[], []], 3, .noInteractions), ([[0, 1], []], 3, .onePerson),
      ([[1, 1], [1]], 3, .oneItem), ([[0], [1]], 3, .noSuccession),
      ([[0, 3], [1]], 3, .settings("found item 3 in a sequence, expected ordinals below 3")),
      ([[0]], 0, .settings("found item 0 in a sequence, expected ordinals below 0")),
    ] as [([[UInt32]], Int, TrainingRefusal)])
  func `a set that teaches nothing is refused with the reason`(
    sequences: [[UInt32]], items: Int, refusal: TrainingRefusal
  ) {
    #expect(throws: refusal) { _ = try Self.fit(sequences, items: items) }
  }

  @Test func `settings that cannot be are refused with what was found`() {
    func refusal(_ change: (inout SelfAttention.Settings) -> Void) -> String {
      var settings = Self.settings()
      change(&settings)
      do {
        _ = try Self.fit(settings)
        return "taken"
      } catch {
        return "\(error)"
      }
    }
    #expect(refusal { $0.heads = 3 } == "found 16 dimensions for 3 heads, expected a multiple")
    #expect(refusal { $0.dropout = 1 } == "found a dropout of 1.0, expected at least 0 and below 1")
    #expect(refusal { $0.rate = .nan } == "found a learning rate of nan, expected a number above 0")
    #expect(refusal { $0.epochs = 0 } == "found 0 epochs, expected 1 to 10000")
    #expect(refusal { $0.validationShare = 0.6 } == "found a share held back of 0.6, expected 0 to 0.5")
    #expect(refusal { $0.memoryMax = 1 << 10 }.hasPrefix("the model takes up to "))
    #expect(refusal { $0.rate = 1e30 }.hasPrefix("training gave numbers that cannot be held"))
  }

  @Test func `two short sequences, and windows longer than any, are enough`() throws {
    var settings = Self.settings(epochs: 2)
    settings.length = 100
    let model = try Self.fit([[0, 1], [1, 0]], items: 2, settings)
    #expect(model.scores(of: [[0]]).isFinite)
  }

  @Test func `a snapshot gives the same model back, and a damaged one is refused`() throws {
    let model = try Self.fit(Self.settings(epochs: 1))
    let bytes = model.snapshot.bytes
    #expect(try SelfAttention(snapshot: bytes) == model)
    for count in [0, 20, bytes.count / 2, bytes.count - 1] {
      #expect(throws: SnapshotRefusal.self) { _ = try SelfAttention(snapshot: Array(bytes.prefix(count))) }
    }
    for place in stride(from: 0, to: bytes.count, by: 97) {
      var changed = bytes
      changed[place] ^= 1
      #expect(throws: SnapshotRefusal.self, "byte \(place)") { _ = try SelfAttention(snapshot: changed) }
    }
  }

  /// Whoever writes the right hash may still have the wrong content.
  @Test func `content that does not fit its settings is refused before it is read`() throws {
    let snapshot = try Self.fit(Self.settings(epochs: 1)).snapshot
    func refused(_ content: [UInt8]) -> Bool {
      let bytes = ModelSnapshot(kind: SelfAttention.name, contentVersion: 1, content: content).bytes
      do {
        _ = try SelfAttention(snapshot: bytes)
        return false
      } catch {
        if case .content = error { return true }
        return false
      }
    }
    for place in stride(from: 0, to: 36, by: 4) {
      var content = snapshot.content
      content.replaceSubrange(place..<place + 4, with: [255, 255, 255, 255])
      #expect(refused(content), "setting \(place / 4)")
    }
    #expect(refused(snapshot.content + [0]))
    #expect(refused([]))
    var notANumber = snapshot.content
    notANumber.replaceSubrange(notANumber.count - 4..<notANumber.count, with: [0, 0, 192, 127])
    #expect(refused(notANumber))
  }

  @Test func `a stated bound of memory grows with what takes it`() {
    func bytes(_ items: Int, _ acts: Int, _ change: (inout SelfAttention.Settings) -> Void = { _ in }) -> Int {
      var settings = SelfAttention.Settings()
      change(&settings)
      return SelfAttention.memoryBytes(sequences: 100, items: items, interactions: acts, settings: settings)
    }
    #expect(bytes(1_000, 1_000) > 4 * 10 * 64 * 1_000)
    #expect(bytes(2_000, 1_000) > bytes(1_000, 1_000))
    #expect(bytes(1_000, 2_000) - bytes(1_000, 1_000) >= 8_000)
    #expect(bytes(.max / 1_000, .max) == .max)
    // What is held back is judged with a copy of the items' vectors and 256 rows of scores.
    let judging = bytes(1_000, 1_000) - bytes(1_000, 1_000) { $0.validationShare = 0 }
    #expect(judging >= 4 * 1_000 * (64 + 256))
    #expect(bytes(1_000, 1_000) { $0.batch = 16_384 } > bytes(1_000, 1_000))
  }
}

extension FloatMatrix {
  fileprivate subscript(row: Int, column: Int) -> Float { values[row * columnCount + column] }
}
