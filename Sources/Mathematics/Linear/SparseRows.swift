/// A sparse matrix of weights, row after row (CSR), columns ascending within a row and each at most once.
public struct SparseRows: Sendable, Hashable {
  /// One weight of the matrix.
  public struct Cell: Sendable, Hashable {
    public let row: Int
    public let column: Int
    public let weight: Float

    public init(row: Int, column: Int, weight: Float = 1) {
      self.row = row
      self.column = column
      self.weight = weight
    }
  }

  public let columnCount: Int
  /// Row r has the places `offsets[r]..<offsets[r + 1]`; shape `[rowCount + 1]`.
  public let offsets: [Int]
  public let columns: [UInt32]
  /// nil when every weight is 1.
  public let weights: [Float]?

  public var rowCount: Int { offsets.count - 1 }
  public var cellCount: Int { columns.count }

  /// Cells in any order; those of one place add up.
  /// - Complexity: O(cells + rows + columns).
  public init(_ cells: some Collection<Cell>, rowCount: Int, columnCount: Int) {
    // Ordered by column, then stably by row.
    let byColumn = Self.order(cells.indices, count: columnCount) { cells[$0].column }
    let ordered = Self.order(byColumn, count: rowCount) { cells[$0].row }
    var columns: [UInt32] = []
    var weights: [Float] = []
    var offsets = [0]
    columns.reserveCapacity(ordered.count)
    weights.reserveCapacity(ordered.count)
    for index in ordered {
      let cell = cells[index]
      precondition(cell.row >= 0 && cell.row < rowCount && cell.column >= 0 && cell.column < columnCount)
      while offsets.count <= cell.row { offsets.append(columns.count) }
      if columns.count > offsets[cell.row], columns[columns.count - 1] == UInt32(cell.column) {
        weights[weights.count - 1] += cell.weight
      } else {
        columns.append(UInt32(cell.column))
        weights.append(cell.weight)
      }
    }
    while offsets.count <= rowCount { offsets.append(columns.count) }
    self.init(
      checked: columnCount, offsets: offsets, columns: columns,
      weights: weights.allSatisfy { $0 == 1 } ? nil : weights)
  }

  /// One row of weights 1.
  /// - Parameter columns: Ascending, each once.
  public init(row columns: [UInt32], columnCount: Int) {
    precondition(zip(columns, columns.dropFirst()).allSatisfy(<) && columns.last.map { $0 < columnCount } ?? true)
    self.init(checked: columnCount, offsets: [0, columns.count], columns: columns, weights: nil)
  }

  /// - Parameter columnCount: Of rows that are known to be what they should be.
  init(checked columnCount: Int, offsets: [Int], columns: [UInt32], weights: [Float]?) {
    self.columnCount = columnCount
    self.offsets = offsets
    self.columns = columns
    self.weights = weights
  }

  /// A stable counting sort.
  private static func order<Index>(
    _ indices: some Sequence<Index>, count: Int, by key: (Index) -> Int
  ) -> [Index] {
    let all = Array(indices)
    var starts = Array(repeating: 0, count: count + 1)
    for index in all { starts[key(index) + 1] += 1 }
    for place in 1..<max(1, starts.count) { starts[place] += starts[place - 1] }
    return Array(unsafeUninitializedCapacity: all.count) { buffer, filled in
      for index in all {
        let place = key(index)
        buffer.initializeElement(at: starts[place], to: index)
        starts[place] += 1
      }
      filled = all.count
    }
  }

  /// The same weights with rows and columns exchanged.
  /// - Complexity: O(cells + rows + columns).
  public func transposed() -> SparseRows {
    var offsets = Array(repeating: 0, count: columnCount + 1)
    for column in columns { offsets[Int(column) + 1] += 1 }
    for place in 1..<max(1, offsets.count) { offsets[place] += offsets[place - 1] }
    var next = offsets
    var rows = Array(repeating: UInt32(0), count: columns.count)
    var moved: [Float]? = weights == nil ? nil : Array(repeating: 0, count: columns.count)
    for row in 0..<rowCount {
      for place in self.offsets[row]..<self.offsets[row + 1] {
        let column = Int(columns[place])
        rows[next[column]] = UInt32(row)
        if let weights { moved?[next[column]] = weights[place] }
        next[column] += 1
      }
    }
    return SparseRows(checked: rowCount, offsets: offsets, columns: rows, weights: moved)
  }

  /// Other weights at the same places.
  public func with(weights: [Float]) -> SparseRows {
    precondition(weights.count == cellCount)
    return SparseRows(checked: columnCount, offsets: offsets, columns: columns, weights: weights)
  }

  public func count(inRow row: Int) -> Int { offsets[row + 1] - offsets[row] }

  /// Σ of a row's weights.
  public func sum(ofRow row: Int) -> Float {
    weights.map { $0[offsets[row]..<offsets[row + 1]].reduce(0, +) } ?? Float(count(inRow: row))
  }

  /// The columns of a row, ascending.
  public func columns(ofRow row: Int) -> ArraySlice<UInt32> { columns[offsets[row]..<offsets[row + 1]] }
}
