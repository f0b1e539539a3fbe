public import Mathematics

extension SelfAttention {
  var shape: AttentionShape { AttentionShape(items: itemCount, settings) }

  /// The vectors of the items, shape `[items, d]`: an item's score is its product with the vector of a history.
  public var items: FloatMatrix {
    FloatMatrix(
      rowCount: itemCount, columnCount: settings.dimensions,
      values: Array(weights[..<(itemCount * settings.dimensions)]))
  }

  /// The vectors of histories, those of people who were never seen as well.
  /// - Parameter histories: Items, oldest first; the last `settings.length` count, and what is no item of the training is
  ///   passed over.
  /// - Returns: Shape `[histories.count, d]`; 0 where there is nothing to go by.
  /// - Complexity: O(acts · (blocks · (d² + d f + d · length))).
  public func vectors(of histories: [[UInt32]], workers: Int = 1) -> FloatMatrix {
    let known = histories.map { history in history.filter { $0 < itemCount && support[Int($0)] > 0 } }
    return weights.withUnsafeBufferPointer {
      AttentionNetwork.vectors(of: known, shape, weights: $0, workers: workers)
    }
  }

  /// A score of every item for each history, shape `[histories.count, items]`. Items that the training never met have the
  /// least finite number.
  /// - Complexity: O(items · d) for each history, beside its vector.
  public func scores(of histories: [[UInt32]], workers: Int = 1) -> FloatMatrix {
    var vectors = vectors(of: histories, workers: workers)
    var scores = FloatMatrix(zeros: histories.count, by: itemCount)
    weights.withUnsafeBufferPointer { weights in
      vectors.values.withUnsafeMutableBufferPointer { vectors in
        scores.values.withUnsafeMutableBufferPointer { scores in
          guard let weights = weights.baseAddress, let vectors = vectors.baseAddress, let scores = scores.baseAddress
          else { return }
          let (items, rows, out) = (
            RowsInWork(start: UnsafeMutablePointer(mutating: weights)), RowsInWork(start: vectors),
            RowsInWork(start: scores)
          )
          WorkQueue.share(histories.count, chunk: Self.tileRows, workers: workers) { queue in
            while let range = queue.next() { score(range, of: rows, items, into: out) }
          }
        }
      }
    }
    return scores
  }

  /// Histories whose scores are computed at once.
  private static let tileRows = 64

  private func score(_ range: Range<Int>, of vectors: RowsInWork, _ items: RowsInWork, into out: RowsInWork) {
    let d = settings.dimensions
    NetworkKernels().multiply(
      MatrixPart(vectors.start + range.lowerBound * d, rows: range.count, columns: d),
      byTransposed: MatrixPart(items.start, rows: itemCount, columns: d),
      into: MatrixPart(out.start + range.lowerBound * itemCount, rows: range.count, columns: itemCount))
    for item in support.indices where support[item] == 0 {
      for row in range { out.start[row * itemCount + item] = -.greatestFiniteMagnitude }
    }
  }
}
