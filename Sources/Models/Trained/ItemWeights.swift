public import Mathematics
import Primitives

/// How much each item speaks for each other: W, shape `[items, items]`, by rows of the item that speaks.
public struct ItemWeights: Sendable, Hashable {
  public enum Storage: Sendable, Hashable {
    case dense(FloatMatrix)
    /// What is not listed is 0.
    case sparse(SparseRows)
  }

  public let storage: Storage

  public init(_ storage: Storage) {
    switch storage {
    case .dense(let matrix): precondition(matrix.rowCount == matrix.columnCount)
    case .sparse(let rows): precondition(rows.rowCount == rows.columnCount)
    }
    self.storage = storage
  }

  public var itemCount: Int {
    switch storage {
    case .dense(let matrix): matrix.rowCount
    case .sparse(let rows): rows.rowCount
    }
  }

  /// Adds `factor` · W[item, ·] to some scores; nothing for an item that came after the training.
  /// - Parameter scores: Shape `[itemCount]`.
  /// - Complexity: O(items that the row has).
  public func add(_ factor: Float, of item: UInt32, to scores: inout [Float]) {
    precondition(scores.count == itemCount)
    guard item < UInt32(clamping: itemCount) else { return }
    scores.withUnsafeMutableBufferPointer { scores in
      switch storage {
      case .dense(let matrix):
        matrix.values.withUnsafeBufferPointer { values in
          let start = Int(item) * scores.count
          for column in 0..<scores.count { scores[column] += factor * values[start + column] }
        }
      case .sparse(let rows):
        let span = rows.offsets[Int(item)]..<rows.offsets[Int(item) + 1]
        rows.columns.withUnsafeBufferPointer { columns in
          guard let weights = rows.weights else {
            for place in span { scores[Int(columns[place])] += factor }
            return
          }
          weights.withUnsafeBufferPointer { weights in
            for place in span { scores[Int(columns[place])] += factor * weights[place] }
          }
        }
      }
    }
  }

  /// The strongest weights of each row and no others; of equal ones those of lower items. By size, whatever the sign.
  public func keeping(strongest count: Int, workers: Int = 1) -> ItemWeights {
    precondition(count > 0)
    let rows = SparseRows.built(rowCount: itemCount, columnCount: itemCount, workers: workers) {
      StrongestCells(limit: count)
    } fill: { item, strongest, row in
      switch storage {
      case .dense(let matrix):
        for (column, weight) in matrix[item].enumerated() where weight != 0 {
          strongest.offer(UInt32(column), weight, rank: abs(weight))
        }
      case .sparse(let rows):
        for place in rows.offsets[item]..<rows.offsets[item + 1] {
          let weight = rows.weights?[place] ?? 1
          strongest.offer(rows.columns[place], weight, rank: abs(weight))
        }
      }
      strongest.drain(into: &row)
    }
    return ItemWeights(.sparse(rows))
  }

  // MARK: Snapshot

  /// Bytes of `encode`, nearly.
  var encodedCount: Int {
    switch storage {
    case .dense(let matrix): 4 * matrix.values.count + 16
    case .sparse(let rows): 8 * rows.cellCount + 4 * rows.rowCount + 16
    }
  }

  /// The number of items; 0 and all weights, or 1 and for each row how many, which columns, which weights.
  func encode(into writer: inout BinaryWriter) {
    writer.write(word32: UInt32(itemCount))
    switch storage {
    case .dense(let matrix):
      writer.write(byte: 0)
      writer.write(floats: matrix.values)
    case .sparse(let rows):
      writer.write(byte: 1)
      for row in 0..<rows.rowCount { writer.write(word32: UInt32(rows.count(inRow: row))) }
      for column in rows.columns { writer.write(word32: column) }
      writer.write(floats: rows.weights ?? Array(repeating: 1, count: rows.cellCount))
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    let count = Int(try reader.readWord32())
    switch try reader.readByte() {
    case 0:
      let (cells, isTooMuch) = count.multipliedReportingOverflow(by: count)
      guard !isTooMuch, cells <= reader.remaining / 4 else {
        throw BinaryError("\(reader.remaining) bytes of weights for \(count) items")
      }
      self.init(.dense(FloatMatrix(rowCount: count, columnCount: count, values: try reader.readFloats(cells))))
    case 1:
      guard count <= reader.remaining / 4 else { throw BinaryError("\(reader.remaining) bytes for \(count) rows") }
      var offsets = [0]
      for _ in 0..<count { offsets.append(offsets[offsets.count - 1] + Int(try reader.readWord32())) }
      let cells = offsets[count]
      guard cells <= reader.remaining / 8 else { throw BinaryError("\(reader.remaining) bytes for \(cells) weights") }
      var columns: [UInt32] = []
      columns.reserveCapacity(cells)
      for _ in 0..<cells { columns.append(try reader.readWord32()) }
      let weights = try reader.readFloats(cells)
      guard let rows = SparseRows(columnCount: count, offsets: offsets, columns: columns, weights: weights) else {
        throw BinaryError("rows whose columns do not ascend, or are beyond \(count) items")
      }
      self.init(.sparse(rows))
    case let other: throw BinaryError("weights of the unknown form \(other)")
    }
  }
}
