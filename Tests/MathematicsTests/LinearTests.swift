import Mathematics
import Primitives
import Testing

@Suite struct SymmetricMatrixTests {
  /// XᵀX of random numbers, and a little on the diagonal.
  static func positiveDefinite(_ size: Int, seed: UInt64 = 1) -> SymmetricMatrix {
    var generator = SeededGenerator(seed: seed)
    let rows = (0..<size + 3).map { _ in (0..<size).map { _ in generator.nextUnit() - 0.5 } }
    var values = Array(repeating: 0.0, count: size * size)
    for row in 0..<size {
      for column in 0..<size { values[row * size + column] = rows.reduce(0) { $0 + $1[row] * $1[column] } }
    }
    var matrix = SymmetricMatrix(size: size, values: values)
    matrix.add(toDiagonal: 0.1)
    return matrix
  }

  /// Sizes around the blocks of 128 that are swept at once.
  @Test(arguments: [1, 2, 7, 127, 128, 129, 260])
  func `a matrix times its inverse is the identity`(size: Int) {
    let matrix = Self.positiveDefinite(size)
    var inverse = matrix
    let isFound = inverse.invert(workers: 2)
    #expect(isFound)
    for row in stride(from: 0, to: size, by: max(1, size / 40)) {
      for column in 0..<size {
        let product = (0..<size).reduce(0.0) {
          $0 + matrix.values[row * size + $1] * inverse.values[$1 * size + column]
        }
        #expect(abs(product - (row == column ? 1 : 0)) < 1e-9, "\(row), \(column)")
      }
    }
  }

  @Test func `the inverse does not depend on the number of workers`() {
    var one = Self.positiveDefinite(200)
    var three = one
    let areFound = (one.invert(workers: 1), three.invert(workers: 3))
    #expect(areFound == (true, true))
    #expect(one.values == three.values)
  }

  @Test func `what has no inverse is refused`() {
    var indefinite = SymmetricMatrix(size: 2, values: [1, 2, 2, 1])
    var none = SymmetricMatrix(size: 1, values: [.nan])
    var empty = SymmetricMatrix(size: 0, values: [])
    let found = [indefinite.invert(), none.invert(), empty.invert()]
    #expect(found == [false, false, true])
  }
}

@Suite struct SparseRowsBuildingTests {
  @Test func `rows that are built by several threads are those of one`() {
    func built(_ workers: Int) -> SparseRows {
      SparseRows.built(rowCount: 500, columnCount: 500, workers: workers) {
        ColumnSums(columnCount: 500)
      } fill: { row, sums, cells in
        for step in 1...(row % 5 + 1) { for other in 0..<3 { sums.add(Float(step), to: UInt32((row * other) % 500)) } }
        sums.drain { cells.append($0, $1) }
      }
    }
    let one = built(1)
    #expect(one == built(4))
    #expect(one.rowCount == 500)
    // Row 7: steps 1, 2, 3 to the columns 0, 7 and 14.
    #expect(Array(one.columns(ofRow: 7)) == [0, 7, 14])
    #expect(one.sum(ofRow: 7) == 18)
  }

  @Test(arguments: [1, 2, 5, 40, 100])
  func `the strongest cells are those of a full sort, ties to the lower column`(limit: Int) {
    var generator = SeededGenerator(seed: UInt64(limit))
    let ranks = (0..<60).map { _ in Float(generator.next(upperBound: UInt64(9))) }
    let rows = SparseRows.built(rowCount: 1, columnCount: 60, workers: 1) {
      StrongestCells(limit: limit)
    } fill: { _, room, cells in
      for (column, rank) in ranks.enumerated().reversed() { room.offer(UInt32(column), rank + 1, rank: rank) }
      room.drain(into: &cells)
    }
    let expected = ranks.indices.sorted { (-ranks[$0], $0) < (-ranks[$1], $1) }.prefix(limit).sorted()
    #expect(rows.columns.map { Int($0) } == expected)
    #expect(rows.weights == expected.map { ranks[$0] + 1 })
  }

  @Test func `rows that contradict themselves are none`() {
    #expect(SparseRows(columnCount: 3, offsets: [0, 2], columns: [0, 2], weights: nil) != nil)
    #expect(SparseRows(columnCount: 3, offsets: [0, 2], columns: [2, 0], weights: nil) == nil)
    #expect(SparseRows(columnCount: 2, offsets: [0, 2], columns: [0, 2], weights: nil) == nil)
    #expect(SparseRows(columnCount: 3, offsets: [0, 3], columns: [0, 2], weights: nil) == nil)
    #expect(SparseRows(columnCount: 3, offsets: [0, 2, 1, 2], columns: [0, 2], weights: nil) == nil)
    #expect(SparseRows(columnCount: 3, offsets: [0, 2], columns: [0, 2], weights: [1]) == nil)
    #expect(SparseRows(columnCount: 3, offsets: [], columns: [], weights: nil) == nil)
  }
}
