import Foundation
import Primitives
import Testing

@testable import Mathematics

/// Rows around centres, as vectors of items are.
private func clustered(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> FloatMatrix {
  var generator = SeededGenerator(seed: seed)
  func normal() -> Float {
    Float((-2 * log(1 - generator.nextUnit())).squareRoot() * cos(2 * .pi * generator.nextUnit()))
  }
  let centres = (0..<20).map { _ in (0..<columnCount).map { _ in normal() } }
  var rows = FloatMatrix(zeros: rowCount, by: columnCount)
  for row in 0..<rowCount {
    let centre = centres[Int(generator.nextUnit() * 20)]
    for column in 0..<columnCount { rows.values[row * columnCount + column] = centre[column] + 0.3 * normal() }
  }
  return rows
}

@Suite struct VectorIndexTests {
  let rows = clustered(1_200, 12, seed: 1)
  let queries = clustered(60, 12, seed: 1)

  @Test func `few rows are looked for exactly`() throws {
    let index = try VectorIndex(rows, exactMax: 1_200)
    #expect(index.isExact)
    #expect(try index.recall(of: 10, at: queries) == 1)
    let query = Array(queries[0])
    #expect(try index.best(10, for: query) == ExactScan(rows).best(10, for: query))
  }

  @Test func `a graph finds nearly all of the best, more of them with more effort`() throws {
    let graph = try #require(try NeighbourGraph(rows, report: { _ in true }))
    let exact = try ExactScan(rows)
    func recall(_ effort: Int) throws -> Double {
      try (0..<60).reduce(0.0) { sum, query in
        let truth = try exact.best(10, for: Array(queries[query]))
        let found = try graph.best(10, for: Array(queries[query]), in: rows, effort: effort, among: nil)
        for row in found { #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score }, "\(row)") }
        return sum + Double(Set(found).intersection(truth).count) / 600
      }
    }
    let (little, much) = (try recall(10), try recall(60))
    #expect(much >= 0.98 && little > 0.7 && little <= much, "recall \(little) and \(much)")
  }

  @Test func `the same rows give the same graph, and another seed another`() throws {
    let few = clustered(300, 6, seed: 2)
    #expect(try NeighbourGraph(few, report: { _ in true }) == NeighbourGraph(few, report: { _ in true }))
    var settings = NeighbourGraph.Settings()
    settings.seed = 7
    #expect(
      try NeighbourGraph(few, settings: settings, report: { _ in true })
        != NeighbourGraph(few, report: { _ in true }))
  }

  @Test(arguments: [1_200, 600, 120, 12, 1, 0])
  func `a filter never empties an answer, and what it keeps out is not found`(kept: Int) throws {
    let graph = try #require(try NeighbourGraph(rows, report: { _ in true }))
    let index = try VectorIndex(rows, exactMax: 100)
    let allowed = RowSet((0..<kept).map { $0 * (1_200 / kept) }, rowCount: 1_200)
    let exact = try ExactScan(rows)
    var hits = 0
    for query in 0..<60 {
      let query = Array(queries[query])
      let found = try index.best(10, for: query, among: allowed)
      #expect(found.count == min(10, kept))
      hits += Set(found).intersection(try exact.best(10, for: query, among: allowed)).count
      let passed = try graph.best(10, for: query, in: rows, effort: 80, among: allowed)
      #expect(passed.allSatisfy { allowed.contains($0.row) })
    }
    #expect(Double(hits) >= 0.95 * Double(60 * min(10, kept)))
  }

  @Test(arguments: [0, 1, 2, 700])
  func `none, one, two and many equal rows are found`(rowCount: Int) throws {
    let same = FloatMatrix(rowCount: rowCount, columnCount: 3, values: Array(repeating: 1, count: rowCount * 3))
    let index = try VectorIndex(same, exactMax: 0)
    #expect(index.isExact == (rowCount == 0))
    let found = try index.best(5, for: [1, 1, 1])
    #expect(found.count == min(5, rowCount) && found.allSatisfy { $0.score == 3 })
    if let graph = try NeighbourGraph(same, report: { _ in true }) {
      #expect(try graph.best(2, for: [1, 1, 1], in: same, effort: 4, among: nil).count == min(2, rowCount))
    }
  }

  @Test func `a building that is stopped leaves an exact index, and bad vectors are refused`() throws {
    let index = try VectorIndex(rows, exactMax: 10, report: { $0 < 0.5 })
    #expect(index.isExact)
    #expect(try index.best(3, for: Array(queries[1])).count == 3)
    #expect(throws: VectorFault.dimensions(found: 2, expected: 12)) { try index.best(3, for: [1, 2]) }
    let graph = try VectorIndex(rows, exactMax: 10)
    #expect(throws: VectorFault.unusable(row: -1)) {
      try graph.best(3, for: Array(repeating: .nan, count: 12))
    }
  }
}
