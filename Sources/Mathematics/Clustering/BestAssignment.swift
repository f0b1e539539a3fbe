/// Pairs rows with columns so that the sum of their values is the largest, each row and column at most once.
///
/// The Hungarian method in the form of shortest augmenting paths.
///
/// - Parameter values: Shape `[rows][columns]`, finite; all rows of one length.
/// - Returns: The column of each row, nil where there are more rows than columns and this one has none.
/// - Complexity: O(min(rows, columns)² · max(rows, columns)).
/// - SeeAlso: Jonker & Volgenant, *A shortest augmenting path algorithm for dense and sparse linear assignment problems*,
///   Computing 1987.
public func bestAssignment(_ values: [[Double]]) -> [Int?] {
  guard let columnCount = values.first?.count, columnCount > 0 else { return values.map { _ in nil } }
  precondition(values.allSatisfy { $0.count == columnCount }, "rows of different lengths")
  guard values.count <= columnCount else {
    let byColumn = bestAssignment((0..<columnCount).map { column in values.map { $0[column] } })
    var rows = [Int?](repeating: nil, count: values.count)
    for case (let column, let row?) in byColumn.enumerated() { rows[row] = column }
    return rows
  }
  // Potentials of rows and columns; row and column 0 are nobody's.
  var ofRow = [Double](repeating: 0, count: values.count + 1)
  var ofColumn = [Double](repeating: 0, count: columnCount + 1)
  var rowOf = [Int](repeating: 0, count: columnCount + 1)
  for row in 1...values.count {
    rowOf[0] = row
    var column = 0
    var least = [Double](repeating: .infinity, count: columnCount + 1)
    var before = [Int](repeating: 0, count: columnCount + 1)
    var isDone = [Bool](repeating: false, count: columnCount + 1)
    repeat {
      isDone[column] = true
      let current = rowOf[column]
      var (step, next) = (Double.infinity, 0)
      for other in 1...columnCount where !isDone[other] {
        let cost = -values[current - 1][other - 1] - ofRow[current] - ofColumn[other]
        if cost < least[other] { (least[other], before[other]) = (cost, column) }
        if least[other] < step { (step, next) = (least[other], other) }
      }
      for other in 0...columnCount {
        if isDone[other] {
          ofRow[rowOf[other]] += step
          ofColumn[other] -= step
        } else {
          least[other] -= step
        }
      }
      column = next
    } while rowOf[column] != 0
    while column != 0 {
      rowOf[column] = rowOf[before[column]]
      column = before[column]
    }
  }
  var columns = [Int?](repeating: nil, count: values.count)
  for column in 1...columnCount where rowOf[column] > 0 { columns[rowOf[column] - 1] = column - 1 }
  return columns
}
