import Mathematics

extension AttentionNetwork {
  /// Histories that a thread takes at once.
  private static let chunk = 8

  /// The vector behind the last act of each history, of which the last `length` acts count; 0 for an empty one.
  /// - Returns: Shape `[histories.count, d]`.
  static func vectors(
    of histories: [[UInt32]], _ shape: AttentionShape, weights: UnsafeBufferPointer<Float>, workers: Int
  ) -> FloatMatrix {
    var vectors = FloatMatrix(zeros: histories.count, by: shape.dimensions)
    guard let start = weights.baseAddress, !histories.isEmpty else { return vectors }
    let longest = min(shape.length, histories.lazy.map(\.count).max() ?? 0)
    guard longest > 0 else { return vectors }
    // Nobody writes to the weights here; the rows are each one worker's.
    let weights = RowsInWork(start: UnsafeMutablePointer(mutating: start))
    vectors.values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let output = RowsInWork(start: base)
      WorkQueue.share(histories.count, chunk: chunk, workers: workers) { queue in
        let network = AttentionNetwork(shape: shape, weights: weights.start)
        let room = AttentionRoom(shape, capacity: longest * min(chunk, histories.count), columns: 0)
        while let rows = queue.next() {
          room.clear()
          for row in rows { room.append(histories[row].suffix(shape.length)) }
          network.forward(room)
          for (place, row) in rows.enumerated() where !histories[row].isEmpty {
            let last = room.outputNormed + (room.starts[place + 1] - 1) * shape.dimensions
            (output.start + row * shape.dimensions).update(from: last, count: shape.dimensions)
          }
        }
      }
    }
    return vectors
  }
}
