import Synchronization

/// The cells of one row as they are found.
public struct RowCells: Sendable {
  public fileprivate(set) var columns: [UInt32] = []
  public fileprivate(set) var weights: [Float] = []

  /// - Parameter column: Above those before.
  public mutating func append(_ column: UInt32, _ weight: Float) {
    columns.append(column)
    weights.append(weight)
  }
}

extension SparseRows {
  /// What is written somewhere; nil when it contradicts itself.
  /// - Parameters:
  ///   - offsets: From 0, ascending, up to the number of columns.
  ///   - weights: As many as columns; nil when all are 1.
  public init?(columnCount: Int, offsets: [Int], columns: [UInt32], weights: [Float]?) {
    guard offsets.first == 0, offsets.last == columns.count, weights.map({ $0.count == columns.count }) ?? true,
      zip(offsets, offsets.dropFirst()).allSatisfy(<=)
    else { return nil }
    for (start, end) in zip(offsets, offsets.dropFirst()) where start < end {
      guard columns[end - 1] < columnCount, (start + 1..<end).allSatisfy({ columns[$0 - 1] < columns[$0] }) else {
        return nil
      }
    }
    self.init(checked: columnCount, offsets: offsets, columns: columns, weights: weights)
  }

  /// Builds each row by itself, on several threads; the result does not depend on how many.
  /// - Parameters:
  ///   - room: What a thread works with, made once for each.
  ///   - fill: Finds the cells of a row, columns ascending.
  public static func built<Room>(
    rowCount: Int, columnCount: Int, chunk: Int = 32, workers: Int, room: @escaping @Sendable () -> Room,
    fill: @escaping @Sendable (_ row: Int, _ room: inout Room, _ cells: inout RowCells) -> Void
  ) -> SparseRows {
    let pieces = BuiltPieces()
    WorkQueue.share(rowCount, chunk: chunk, workers: workers) { queue in
      var room = room()
      while let rows = queue.next() {
        var piece = BuiltPieces.Piece()
        for row in rows {
          let before = piece.cells.columns.count
          fill(row, &room, &piece.cells)
          piece.counts.append(piece.cells.columns.count - before)
        }
        pieces.found.withLock { $0[rows.lowerBound] = piece }
      }
    }
    return pieces.found.withLock { pieces in
      var offsets = [0]
      var columns: [UInt32] = []
      var weights: [Float] = []
      let count = pieces.values.reduce(0) { $0 + $1.cells.columns.count }
      columns.reserveCapacity(count)
      weights.reserveCapacity(count)
      for start in pieces.keys.sorted() {
        guard let piece = pieces.removeValue(forKey: start) else { continue }
        for count in piece.counts { offsets.append(offsets[offsets.count - 1] + count) }
        columns += piece.cells.columns
        weights += piece.cells.weights
      }
      return SparseRows(checked: columnCount, offsets: offsets, columns: columns, weights: weights)
    }
  }
}

private final class BuiltPieces: Sendable {
  struct Piece: Sendable {
    var counts: [Int] = []
    var cells = RowCells()
  }

  let found = Mutex<[Int: Piece]>([:])
}

/// Sums by column, for one row after another.
public struct ColumnSums: Sendable {
  private var sums: [Float]
  private var isTouched: [Bool]
  public private(set) var touched: [UInt32] = []

  public init(columnCount: Int) {
    sums = Array(repeating: 0, count: columnCount)
    isTouched = Array(repeating: false, count: columnCount)
  }

  @inline(__always)
  public mutating func add(_ weight: Float, to column: UInt32) {
    if !isTouched[Int(column)] {
      isTouched[Int(column)] = true
      touched.append(column)
    }
    sums[Int(column)] += weight
  }

  public subscript(column: UInt32) -> Float { sums[Int(column)] }

  /// Calls `body` for each column that was touched, ascending, and begins anew.
  public mutating func drain(_ body: (_ column: UInt32, _ sum: Float) -> Void) {
    touched.sort()
    for column in touched {
      body(column, sums[Int(column)])
      sums[Int(column)] = 0
      isTouched[Int(column)] = false
    }
    touched.removeAll(keepingCapacity: true)
  }
}

/// The strongest of many cells, in a heap whose root is the weakest that is kept.
public struct StrongestCells: Sendable {
  private struct Cell {
    let column: UInt32
    let weight: Float
    let rank: Float

    /// Of equal ranks the lower column is the stronger.
    func isWeaker(than other: Cell) -> Bool { rank < other.rank || (rank == other.rank && column > other.column) }
  }

  public let limit: Int
  private var heap: [Cell] = []

  public init(limit: Int) {
    precondition(limit > 0)
    self.limit = limit
  }

  /// The rank below which nothing is kept any more; nil while there is room.
  public var weakest: Float? { heap.count < limit ? nil : heap[0].rank }

  /// - Complexity: O(1) for what is too weak, else O(log limit).
  public mutating func offer(_ column: UInt32, _ weight: Float, rank: Float) {
    let cell = Cell(column: column, weight: weight, rank: rank)
    if heap.count < limit {
      heap.append(cell)
      var place = heap.count - 1
      while place > 0, heap[place].isWeaker(than: heap[(place - 1) / 2]) {
        heap.swapAt(place, (place - 1) / 2)
        place = (place - 1) / 2
      }
    } else if heap[0].isWeaker(than: cell) {
      heap[0] = cell
      var place = 0
      while true {
        let (left, right) = (2 * place + 1, 2 * place + 2)
        var weakest = place
        if left < limit, heap[left].isWeaker(than: heap[weakest]) { weakest = left }
        if right < limit, heap[right].isWeaker(than: heap[weakest]) { weakest = right }
        guard weakest != place else { return }
        heap.swapAt(place, weakest)
        place = weakest
      }
    }
  }

  /// Gives what was kept, by column, and begins anew.
  public mutating func drain(into cells: inout RowCells) {
    for cell in heap.sorted(by: { $0.column < $1.column }) { cells.append(cell.column, cell.weight) }
    heap.removeAll(keepingCapacity: true)
  }
}
