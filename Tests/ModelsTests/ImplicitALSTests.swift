import Mathematics
import Models
import Primitives
import Testing

@Suite struct ImplicitALSTests {
  /// People × items with more of both than the vectors have numbers, and rows with fewer.
  static func training(people: Int = 40, items: Int = 12, isWeighted: Bool = true) -> SparseRows {
    var generator = SeededGenerator(seed: 5)
    var cells: [SparseRows.Cell] = []
    for person in 0..<people {
      for item in 0..<items where generator.nextUnit() < (person % 3 == item % 3 ? 0.7 : 0.1) {
        let weight: Float = isWeighted ? Float(1 + Int(generator.next(upperBound: UInt64(3)))) : 1
        cells.append(.init(row: person, column: item, weight: weight))
      }
    }
    return SparseRows(cells, rowCount: people, columnCount: items)
  }

  static func settings(dimensions: Int = 4, epochs: Int = 6, seed: UInt64 = 0) -> ImplicitALS.Settings {
    var settings = ImplicitALS.Settings()
    (settings.dimensions, settings.epochs, settings.seed) = (dimensions, epochs, seed)
    settings.regularization = 0.05
    return settings
  }

  /// The minimum of Σ_observed v (xᵀf − 1)² + α₀ Σ (xᵀf)² + λ |x|², from its normal equations, by elimination.
  static func denseSolution(
    _ factors: FloatMatrix, observed: [Int: Float], settings: ImplicitALS.Settings
  ) -> [Double] {
    let size = factors.columnCount
    let sum = observed.values.reduce(0, +) + settings.unobservedWeight * Float(factors.rowCount)
    var system = (0..<size).map { row in (0..<size).map { $0 == row ? Double(settings.regularization * sum) : 0 } }
    var right = Array(repeating: 0.0, count: size)
    for row in 0..<factors.rowCount {
      let factor = factors[row].map { Double($0) }
      let weight = Double(settings.unobservedWeight) + Double(observed[row] ?? 0)
      for one in 0..<size {
        right[one] += Double(observed[row] ?? 0) * factor[one]
        for other in 0..<size { system[one][other] += weight * factor[one] * factor[other] }
      }
    }
    for pivot in 0..<size {
      for row in 0..<size where row != pivot {
        let ratio = system[row][pivot] / system[pivot][pivot]
        for column in pivot..<size { system[row][column] -= ratio * system[pivot][column] }
        right[row] -= ratio * right[pivot]
      }
    }
    return (0..<size).map { right[$0] / system[$0][$0] }
  }

  static func observed(_ rows: SparseRows, _ row: Int) -> [Int: Float] {
    var observed: [Int: Float] = [:]
    for place in rows.offsets[row]..<rows.offsets[row + 1] {
      observed[Int(rows.columns[place])] = rows.weights?[place] ?? 1
    }
    return observed
  }

  static func isNear(_ vector: ArraySlice<Float>, _ expected: [Double]) -> Bool {
    zip(vector, expected).allSatisfy { abs(Double($0) - $1) < 1e-4 * (1 + abs($1)) }
  }

  @Test(arguments: [(40, 12, true), (40, 12, false), (1_300, 7, true)])
  func `vectors are those of an independent dense solve`(people: Int, items: Int, isWeighted: Bool) throws {
    let training = Self.training(people: people, items: items, isWeighted: isWeighted)
    let model = try ImplicitALS(training: training, settings: Self.settings())
    let byItem = training.transposed()
    for item in 0..<items {
      let expected = Self.denseSolution(
        model.people, observed: Self.observed(byItem, item), settings: model.settings)
      #expect(Self.isNear(model.items[item], expected), "item \(item)")
    }
    let folded = model.foldIn(people: training)
    for person in 0..<min(people, 60) {
      let expected = Self.denseSolution(
        model.items, observed: Self.observed(training, person), settings: model.settings)
      #expect(Self.isNear(folded[person], expected), "person \(person)")
    }
    let late = try model.foldIn(items: byItem)
    for item in 0..<items { #expect(Self.isNear(late[item], model.items[item].map { Double($0) })) }
  }

  @Test func `every epoch brings the objective down`() throws {
    let training = Self.training()
    let objectives = try [1, 2, 4, 8, 16].map { epochs in
      try objective(ImplicitALS(training: training, settings: Self.settings(epochs: epochs)), training)
    }
    #expect(zip(objectives, objectives.dropFirst()).allSatisfy { $1 <= $0 * (1 + 1e-5) }, "\(objectives)")
    #expect(objectives[4] < 0.9 * objectives[0])
  }

  private func objective(_ model: ImplicitALS, _ training: SparseRows) -> Double {
    let scores = model.scores(of: model.people)
    var sum = 0.0
    func norm(_ vector: ArraySlice<Float>) -> Double { vector.reduce(0) { $0 + Double($1 * $1) } }
    let settings = model.settings
    for person in 0..<training.rowCount {
      let observed = Self.observed(training, person)
      for item in 0..<training.columnCount {
        let score = Double(scores[person][scores[person].startIndex + item])
        sum += Double(observed[item] ?? 0) * (score - 1) * (score - 1)
        sum += Double(settings.unobservedWeight) * score * score
      }
      let frequency = training.sum(ofRow: person) + settings.unobservedWeight * Float(training.columnCount)
      sum += Double(settings.regularization * frequency) * norm(model.people[person])
    }
    let byItem = training.transposed()
    for item in 0..<training.columnCount {
      let frequency = byItem.sum(ofRow: item) + settings.unobservedWeight * Float(training.rowCount)
      sum += Double(settings.regularization * frequency) * norm(model.items[item])
    }
    return sum
  }

  @Test func `the same seed gives the same vectors, whatever the number of workers`() throws {
    let training = Self.training(people: 300)
    let one = try ImplicitALS(training: training, settings: Self.settings(seed: 7), workers: 1)
    #expect(try ImplicitALS(training: training, settings: Self.settings(seed: 7), workers: 3) == one)
    #expect(try ImplicitALS(training: training, settings: Self.settings(seed: 8), workers: 1) != one)
  }

  @Test func `progress is told after each epoch and can stop the fit`() throws {
    var epochs: [Int] = []
    _ = try ImplicitALS(training: Self.training(), settings: Self.settings(epochs: 3)) {
      epochs.append($0.epoch)
      return .proceed
    }
    #expect(epochs == [1, 2, 3])
    #expect(throws: TrainingRefusal.stopped) {
      _ = try ImplicitALS(training: Self.training(), settings: Self.settings()) { $0.epoch == 2 ? .stop : .proceed }
    }
  }

  @Test(
    arguments: [
      ([], 3, 3, .noInteractions), ([.init(row: 1, column: 0), .init(row: 1, column: 2)], 3, 3, .onePerson),
      ([.init(row: 0, column: 2), .init(row: 1, column: 2)], 3, 3, .oneItem), ([], 0, 0, .noInteractions),
      ([.init(row: 0, column: 0, weight: -1), .init(row: 1, column: 1)], 2, 2, .weight(-1)),
    ] as [([SparseRows.Cell], Int, Int, TrainingRefusal)])
  func `a set that teaches nothing is refused with the reason`(
    cells: [SparseRows.Cell], people: Int, items: Int, refusal: TrainingRefusal
  ) {
    let training = SparseRows(cells, rowCount: people, columnCount: items)
    #expect(throws: refusal) { _ = try ImplicitALS(training: training, settings: Self.settings()) }
  }

  @Test func `weights that are all equal, and a set in which everybody has everything, can be learnt`() throws {
    let cells = (0..<20).map { SparseRows.Cell(row: $0 / 5, column: $0 % 5, weight: 3) }
    let model = try ImplicitALS(
      training: SparseRows(cells, rowCount: 4, columnCount: 5), settings: Self.settings(dimensions: 8))
    #expect(model.people.isFinite && model.items.isFinite)
    #expect(model.scores(of: model.people).values.allSatisfy { $0 > 0.5 && $0 < 1 })
  }

  @Test func `who has done nothing has a vector of zeros`() throws {
    let model = try ImplicitALS(training: Self.training(), settings: Self.settings())
    #expect(model.foldIn(people: SparseRows([], rowCount: 2, columnCount: 12)).values.allSatisfy { $0 == 0 })
  }

  @Test func `the memory estimate covers what the vectors take`() {
    let bytes = ImplicitALS.memoryBytes(people: 6_040, items: 3_706, interactions: 994_169)
    #expect(bytes > 3 * 4 * 192 * 9_746 + 16 * 994_169)
    #expect(bytes < 100 << 20)
  }
}

@Suite struct ModelSnapshotTests {
  static func model() throws -> ImplicitALS {
    try ImplicitALS(training: ImplicitALSTests.training(), settings: ImplicitALSTests.settings())
  }

  @Test func `a snapshot gives the same model back`() throws {
    let model = try Self.model()
    let restored = try ImplicitALS(snapshot: model.snapshot.bytes)
    #expect(restored == model)
    let training = ImplicitALSTests.training(people: 3)
    #expect(restored.foldIn(people: training) == model.foldIn(people: training))
    #expect(restored.snapshot == model.snapshot)
  }

  @Test func `a snapshot of before there were solvers is read as exact`() throws {
    let model = try Self.model()
    // Without the four bytes of the solver, which stand behind the settings' 32.
    var content = model.snapshot.content
    content.removeSubrange(32..<36)
    let older = ModelSnapshot(kind: "ials", contentVersion: 1, content: content)
    #expect(try ImplicitALS(snapshot: older.bytes) == model)
  }

  @Test func `a snapshot cut anywhere is refused`() throws {
    let bytes = try Self.model().snapshot.bytes
    for count in [0, 1, 11, 12, 15, 16, 20, 30, 60, bytes.count / 2, bytes.count - 17, bytes.count - 1] {
      #expect(throws: SnapshotRefusal.self, "\(count)") {
        _ = try ImplicitALS(snapshot: Array(bytes.prefix(count)))
      }
    }
    #expect(throws: SnapshotRefusal.cutShort(bytes: bytes.count - 1, expected: bytes.count)) {
      _ = try ImplicitALS(snapshot: Array(bytes.dropLast()))
    }
  }

  @Test func `a changed byte anywhere is found`() throws {
    let bytes = try Self.model().snapshot.bytes
    for place in stride(from: 0, to: bytes.count, by: 41) {
      var other = bytes
      other[place] ^= 0x10
      #expect(throws: SnapshotRefusal.self, "\(place)") { _ = try ImplicitALS(snapshot: other) }
    }
    #expect(throws: SnapshotRefusal.damaged) { _ = try ImplicitALS(snapshot: bytes + [0]) }
  }

  @Test func `a snapshot of a later version or of another kind is refused by name`() throws {
    let snapshot = try Self.model().snapshot
    var later = snapshot.bytes
    later[12] = 9  // the frame's version
    #expect(throws: SnapshotRefusal.newer(found: 9, known: 1)) { _ = try ImplicitALS(snapshot: later) }
    let content = ModelSnapshot(kind: "ials", contentVersion: 3, content: snapshot.content)
    #expect(throws: SnapshotRefusal.newer(found: 3, known: 2)) { _ = try ImplicitALS(snapshot: content.bytes) }
    let other = ModelSnapshot(kind: "ease", contentVersion: 1, content: snapshot.content)
    #expect(throws: SnapshotRefusal.kind(found: "ease", expected: "ials")) {
      _ = try ImplicitALS(snapshot: other.bytes)
    }
    #expect(SnapshotRefusal.newer(found: 2, known: 1).description.contains("format 2"))
    #expect(throws: SnapshotRefusal.noSnapshot) { _ = try ImplicitALS(snapshot: Array("PK\u{3}\u{4}zip".utf8)) }
  }

  @Test func `content that contradicts itself is refused though its hash is right`() throws {
    let snapshot = try Self.model().snapshot
    for content in [[], Array(snapshot.content.dropLast(4)), Array(repeating: UInt8(0xFF), count: 400)] {
      let odd = ModelSnapshot(kind: "ials", contentVersion: 2, content: content)
      #expect(throws: SnapshotRefusal.self) { _ = try ImplicitALS(snapshot: odd.bytes) }
    }
  }
}
