import Mathematics
import Primitives
import Testing

@Suite struct BatchedScanTests {
  static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> FloatMatrix {
    var generator = SeededGenerator(seed: seed)
    // Few values, so that there are ties, and products without rounding.
    let values = (0..<rows * columns).map { _ in Float(generator.next(upperBound: UInt64(5))) - 2 }
    return FloatMatrix(rowCount: rows, columnCount: columns, values: values)
  }

  @Test(arguments: [(1, 1, 1), (7, 3, 10), (70, 40, 10), (33, 100, 100), (65, 37, 1)])
  func `the best of many queries are those of a full sort, without what is struck`(
    queryCount: Int, rowCount: Int, count: Int
  ) {
    let (queries, rows) = (Self.matrix(queryCount, 6, seed: 1), Self.matrix(rowCount, 6, seed: 2))
    var generator = SeededGenerator(seed: 3)
    let cells = (0..<queryCount * 3).map { _ in
      SparseRows.Cell(
        row: Int(generator.next(upperBound: UInt64(queryCount))),
        column: Int(generator.next(upperBound: UInt64(rowCount))))
    }
    let struck = SparseRows(cells, rowCount: queryCount, columnCount: rowCount)
    let scan = BatchedScan(rows)
    let found = scan.best(count, for: queries, except: struck, workers: 2)
    #expect(found == scan.best(count, for: queries, except: struck, workers: 1))
    #expect(found.count == queryCount)
    for query in 0..<queryCount {
      let products = (0..<rowCount).map { row in zip(queries[query], rows[row]).reduce(0) { $0 + $1.0 * $1.1 } }
      let left = Set(0..<rowCount).subtracting(struck.columns(ofRow: query).map { Int($0) })
      let expected = left.sorted { (-products[$0], $0) < (-products[$1], $1) }.prefix(count)
      #expect(found[query].map(\.row) == Array(expected), "query \(query)")
      #expect(found[query].map(\.score) == expected.map { products[$0] })
    }
    #expect(scan.best(count, for: queries).allSatisfy { $0.count == min(count, rowCount) })
  }

  @Test func `no query and no row have no answers`() {
    #expect(BatchedScan(Self.matrix(3, 2, seed: 1)).best(2, for: FloatMatrix(zeros: 0, by: 2)).isEmpty)
    #expect(BatchedScan(FloatMatrix(zeros: 0, by: 2)).best(2, for: Self.matrix(3, 2, seed: 1)) == [[], [], []])
  }
}
