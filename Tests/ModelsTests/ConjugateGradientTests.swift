import Mathematics
import Models
import Primitives
import Testing

@Suite struct ConjugateGradientTests {
  private struct Ridges {
    let ridge: GramRidge
    let observed: SparseRows
    let penalties: [Float]
    let exact: FloatMatrix

    /// Vectors of `size` numbers, rows of every length from 0 on.
    init(size: Int, isWeighted: Bool) throws {
      var generator = SeededGenerator(seed: UInt64(size))
      let factors = FloatMatrix(
        rowCount: 50, columnCount: size, values: (0..<50 * size).map { _ in Float(generator.nextUnit() - 0.3) })
      var cells: [SparseRows.Cell] = []
      for row in 0..<40 {
        for column in (0..<50).shuffled(using: &generator).prefix(row) {
          let weight = isWeighted ? Float(generator.nextUnit() * 3) : 1
          cells.append(.init(row: row, column: column, weight: weight))
        }
      }
      let basis = try #require(Eigenbasis(of: factors))
      ridge = GramRidge(factors: basis.rotated(factors), spectrum: basis.spectrum, unobservedWeight: 0.2)
      observed = SparseRows(cells, rowCount: 40, columnCount: 50)
      penalties = (0..<40).map { 0.5 + Float($0) / 10 }
      exact = ridge.solve(observed, penalties: penalties)
    }

    func approached(from start: FloatMatrix, steps: Int, workers: Int = 1) -> FloatMatrix {
      ridge.approach(observed, penalties: penalties, from: start, steps: steps, workers: workers)
    }

    /// The largest difference from the exact solution.
    func distance(_ rows: FloatMatrix) -> Float { zip(rows.values, exact.values).map { abs($0 - $1) }.max() ?? 0 }
  }

  @Test(arguments: [1, 4, 7, 8, 13, 24, 64], [true, false])
  func `many steps come to the exact solution, from anywhere`(size: Int, isWeighted: Bool) throws {
    let ridges = try Ridges(size: size, isWeighted: isWeighted)
    let nothing = FloatMatrix(zeros: 40, by: size)
    var generator = SeededGenerator(seed: 3)
    let anywhere = FloatMatrix(
      rowCount: 40, columnCount: size, values: (0..<40 * size).map { _ in Float(generator.nextUnit()) })
    for start in [nothing, anywhere] {
      #expect(ridges.distance(ridges.approached(from: start, steps: 60)) < 2e-4, "d \(size)")
    }
    #expect(ridges.distance(ridges.approached(from: ridges.exact, steps: 3)) < 2e-4, "what is exact stays")
    #expect(ridges.approached(from: anywhere, steps: 1)[0].allSatisfy { $0 == 0 }, "who has done nothing has zeros")
  }

  @Test func `more steps come nearer, whatever the number of workers`() throws {
    let ridges = try Ridges(size: 24, isWeighted: true)
    let nothing = FloatMatrix(zeros: 40, by: 24)
    let distances = [1, 3, 6, 12].map { ridges.distance(ridges.approached(from: nothing, steps: $0)) }
    #expect(zip(distances, distances.dropFirst()).allSatisfy { $1 < 0.8 * $0 }, "\(distances)")
    #expect(ridges.approached(from: nothing, steps: 3, workers: 3) == ridges.approached(from: nothing, steps: 3))
  }

  @Test func `a fit in steps comes to where exact epochs come`() throws {
    let training = ImplicitALSTests.training()
    var settings = ImplicitALSTests.settings(dimensions: 6, epochs: 40)
    let exact = try ImplicitALS(training: training, settings: settings)
    settings.solver = .conjugateGradient(steps: 3)
    let stepped = try ImplicitALS(training: training, settings: settings)
    let (expected, found) = (exact.scores(of: exact.people).values, stepped.scores(of: stepped.people).values)
    let distance = zip(expected, found).map { abs($0 - $1) }.max() ?? 1
    #expect(distance < 0.02, "\(distance)")
    #expect(try ImplicitALS(snapshot: stepped.snapshot.bytes) == stepped, "with the solver")
  }

  @Test func `no steps are refused`() {
    var settings = ImplicitALSTests.settings()
    settings.solver = .conjugateGradient(steps: 0)
    #expect(throws: TrainingRefusal.settings("found 0 steps of conjugate gradients, expected at least 1")) {
      _ = try ImplicitALS(training: ImplicitALSTests.training(), settings: settings)
    }
  }
}
