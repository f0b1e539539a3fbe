import Foundation
import Primitives
import Testing

@testable import Mathematics

/// The textbook version: every product, all of them sorted.
private func sorted(_ rows: FloatMatrix, _ query: [Float], _ count: Int, _ allowed: RowSet?) -> [RowScore] {
  let products = (0..<rows.rowCount).filter { allowed?.contains($0) ?? true }.map { row in
    RowScore(row: row, score: zip(rows[row], query).reduce(Float(0)) { $0 + $1.0 * $1.1 })
  }
  return Array(products.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(count))
}

private func matrix(_ rowCount: Int, _ columnCount: Int, _ value: () -> Float) -> FloatMatrix {
  FloatMatrix(
    rowCount: rowCount, columnCount: columnCount, values: (0..<rowCount * columnCount).map { _ in value() })
}

/// Small whole numbers, so that every product is exact in any order of adding up, and many are equal.
private func wholeNumbers(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> FloatMatrix {
  var generator = SeededGenerator(seed: seed)
  return matrix(rowCount, columnCount) { Float(Int(generator.nextUnit() * 5) - 2) }
}

/// Normal numbers, rows of very different lengths.
private func normalNumbers(_ rowCount: Int, _ columnCount: Int, seed: UInt64) -> FloatMatrix {
  var generator = SeededGenerator(seed: seed)
  var rows = matrix(rowCount, columnCount) {
    Float((-2 * log(1 - generator.nextUnit())).squareRoot() * cos(2 * .pi * generator.nextUnit()))
  }
  for row in 0..<rowCount {
    let factor = Float(exp(-6 * generator.nextUnit()))
    for column in 0..<columnCount { rows.values[row * columnCount + column] *= factor }
  }
  return rows
}

private func everyThird(_ rowCount: Int) -> RowSet { RowSet(stride(from: 1, to: rowCount, by: 3), rowCount: rowCount) }

@Suite struct NearestTests {
  @Test(arguments: [0, 1, 3, 4, 5, 16, 17, 63, 65, 300], [1, 3, 4, 15, 16, 17, 64])
  func `both scans find what sorting all products finds, ties by row`(rowCount: Int, columnCount: Int) throws {
    let rows = wholeNumbers(rowCount, columnCount, seed: 1)
    let query = Array(wholeNumbers(1, columnCount, seed: 2).values)
    let (exact, bytes) = (try ExactScan(rows), try QuantisedRows(rows))
    let narrow = RowSet([rowCount - 1].filter { $0 >= 0 }, rowCount: rowCount)
    for count in [0, 1, 10, rowCount + 5] {
      for allowed in [nil, everyThird(rowCount), narrow, RowSet(rowCount: rowCount)] {
        let expected = sorted(rows, query, count, allowed)
        #expect(try exact.best(count, for: query, among: allowed) == expected)
        #expect(try bytes.best(count, for: query, among: allowed) == expected)
      }
    }
  }

  @Test func `bytes first finds exactly what the exact scan finds`() throws {
    for columnCount in [7, 64] {
      let rows = normalNumbers(2_000, columnCount, seed: 3)
      let (exact, bytes) = (try ExactScan(rows), try QuantisedRows(rows))
      let queries = normalNumbers(40, columnCount, seed: 4)
      let allowed = everyThird(2_000)
      for query in 0..<40 {
        let query = Array(queries[query])
        #expect(try bytes.best(25, for: query) == exact.best(25, for: query))
        #expect(try bytes.best(25, for: query, among: allowed) == exact.best(25, for: query, among: allowed))
      }
      let batched = try bytes.best(25, for: queries, workers: 2)
      #expect(batched == (try (0..<40).map { try bytes.best(25, for: Array(queries[$0])) }))
    }
  }

  @Test func `a scan of the longest rows finds the best of these, ties in length to the lower row`() throws {
    let rows = normalNumbers(100, 9, seed: 8)
    let bytes = try QuantisedRows(rows)
    let lengths = (0..<100).map { VectorFault.length(of: rows[$0]) }
    let longest = (0..<100).sorted { lengths[$0] > lengths[$1] }.prefix(30)
    let query = Array(normalNumbers(1, 9, seed: 9).values)
    let expected = try ExactScan(rows).best(5, for: query, among: RowSet(longest, rowCount: 100))
    #expect(try bytes.best(5, for: query, longest: 30) == expected)
    #expect(try bytes.best(5, for: query, longest: 0).isEmpty)
    #expect(try bytes.best(200, for: query, longest: 1_000).count == 100)
  }

  @Test func `rows of nothing, the smallest and the longest are compared as any others`() throws {
    var rows = normalNumbers(40, 8, seed: 5)
    for (row, value) in [(3, 0), (4, Float.leastNonzeroMagnitude), (5, 1e17), (6, -1e17), (7, 0x1p-140)] {
      for column in 0..<8 { rows.values[row * 8 + column] = value }
    }
    let (exact, bytes) = (try ExactScan(rows), try QuantisedRows(rows))
    for query in [[Float](repeating: 1, count: 8), Array(repeating: -1e17, count: 8), Array(repeating: 0, count: 8)] {
      #expect(try bytes.best(40, for: query) == exact.best(40, for: query))
      #expect(try exact.best(40, for: query).count == 40)
    }
    #expect(try bytes.best(1, for: Array(repeating: 1, count: 8)).first?.row == 5)
  }

  @Test func `what cannot be compared is refused with its place`() throws {
    let rows = wholeNumbers(3, 4, seed: 6)
    let refused: [(Float, VectorFault)] = [
      (.nan, .unusable(row: 2)), (.infinity, .unusable(row: 2)), (2e18, .unusable(row: 2)),
    ]
    for (value, fault) in refused {
      var damaged = rows
      damaged.values[9] = value
      #expect(throws: fault) { try ExactScan(damaged) }
      #expect(throws: fault) { try QuantisedRows(damaged) }
      #expect(throws: VectorFault.unusable(row: -1)) { try QuantisedRows(rows).best(1, for: [0, value, 0, 0]) }
    }
    #expect(throws: VectorFault.unusableDimensions(0)) { try ExactScan(FloatMatrix(zeros: 2, by: 0)) }
    #expect(throws: VectorFault.dimensions(found: 3, expected: 4)) { try ExactScan(rows).best(1, for: [1, 2, 3]) }
    #expect(throws: VectorFault.dimensions(found: 5, expected: 4)) {
      try QuantisedRows(rows).best(1, for: wholeNumbers(2, 5, seed: 7))
    }
  }
}
