/// A dense matrix, row after row.
public struct FloatMatrix: Sendable, Hashable {
  public let rowCount: Int
  public let columnCount: Int
  /// Shape `[rowCount, columnCount]`.
  public var values: [Float]

  public init(rowCount: Int, columnCount: Int, values: [Float]) {
    precondition(values.count == rowCount * columnCount, "\(values.count) values for \(rowCount) × \(columnCount)")
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.values = values
  }

  public init(zeros rowCount: Int, by columnCount: Int) {
    self.init(
      rowCount: rowCount, columnCount: columnCount, values: Array(repeating: 0, count: rowCount * columnCount))
  }

  /// One row, shape `[columnCount]`.
  public subscript(row: Int) -> ArraySlice<Float> { values[row * columnCount..<(row + 1) * columnCount] }

  public var isFinite: Bool { values.allSatisfy(\.isFinite) }
}

extension FloatMatrix {
  /// self · otherᵀ, shape `[rowCount, other.rowCount]`.
  /// - Complexity: O(rowCount · other.rowCount · columnCount).
  public func multiplied(byTransposed other: FloatMatrix, workers: Int = 1) -> FloatMatrix {
    precondition(columnCount == other.columnCount)
    let width = other.rowCount
    let product = [Float](unsafeUninitializedCapacity: rowCount * width) { buffer, filled in
      if let start = buffer.baseAddress, columnCount > 0, width > 0 {
        let output = RowsInWork(start: start)
        WorkQueue.share(rowCount, chunk: 256, workers: workers) { queue in
          let kernels = DenseKernels()
          while let rows = queue.next() {
            values.withUnsafeBufferPointer { left in
              other.values.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return }
                kernels.productWithTransposed(
                  left + rows.lowerBound * columnCount, rows: rows.count, inner: columnCount, right, columns: width,
                  into: output.start + rows.lowerBound * width)
              }
            }
          }
        }
      } else {
        buffer.initialize(repeating: 0)
      }
      filled = rowCount * width
    }
    return FloatMatrix(rowCount: rowCount, columnCount: width, values: product)
  }

  public func transposed() -> FloatMatrix {
    var other = FloatMatrix(zeros: columnCount, by: rowCount)
    for row in 0..<rowCount {
      for column in 0..<columnCount { other.values[column * rowCount + row] = values[row * columnCount + column] }
    }
    return other
  }

  /// The product of a vector with each of some rows, shape `[rows.count]`.
  /// - Parameter vector: Shape `[columnCount]`.
  /// - Complexity: O(rows.count · columnCount), bound by the memory's speed.
  public func products(with vector: [Float], rows: Range<Int>) -> [Float] {
    precondition(vector.count == columnCount && rows.lowerBound >= 0 && rows.upperBound <= rowCount)
    guard !rows.isEmpty, columnCount > 0 else { return Array(repeating: 0, count: rows.count) }
    return [Float](unsafeUninitializedCapacity: rows.count) { products, filled in
      values.withUnsafeBufferPointer { values in
        vector.withUnsafeBufferPointer { vector in
          guard let values = values.baseAddress, let vector = vector.baseAddress, let products = products.baseAddress
          else { return }
          DenseKernels().product(
            values + rows.lowerBound * columnCount, rows: rows.count, columns: columnCount, vector, into: products)
        }
      }
      filled = rows.count
    }
  }

  /// The products of each two columns: self · selfᵀ of the transposed, shape `[columnCount, columnCount]`, of which the upper
  /// triangle counts.
  /// - Complexity: O(rowCount · columnCount²).
  public var gram: [Float] {
    var gram = Array(repeating: Float(0), count: columnCount * columnCount)
    gram.withUnsafeMutableBufferPointer { gram in
      values.withUnsafeBufferPointer { values in
        guard let gram = gram.baseAddress, let values = values.baseAddress else { return }
        DenseKernels().gram(values, rows: rowCount, columns: columnCount, into: gram)
      }
    }
    return gram
  }
}
