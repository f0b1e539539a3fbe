import CKernels

extension GramRidge {
  /// Goes a few steps from `start` towards what `solve` gives: conjugate gradients, preconditioned by D.
  ///
  /// In the eigenbasis a product with α FᵀF + λI is one with the diagonal D, so that a step costs nothing but the observed
  /// rows. Preconditioned by it the system is I + CᵀC, as in `solve`: three steps bring an epoch most of the way.
  /// - Parameters:
  ///   - penalties: λ > 0, shape `[observed.rowCount]`.
  ///   - start: In the eigenbasis, shape `[observed.rowCount, d]`.
  /// - Returns: Shape `[observed.rowCount, d]`, in the eigenbasis; 0 where nothing is observed.
  /// - Complexity: O(steps · n d) for a row with n observed.
  /// - SeeAlso: Takács, Pilászy & Tikk, *Applications of the conjugate gradient method for implicit feedback collaborative
  ///   filtering*, RecSys 2011.
  public func approach(
    _ observed: SparseRows, penalties: [Float], from start: FloatMatrix, steps: Int, workers: Int = 1
  ) -> FloatMatrix {
    precondition(penalties.count == observed.rowCount && observed.columnCount == factors.rowCount)
    precondition(start.rowCount == observed.rowCount && start.columnCount == factors.columnCount && steps > 0)
    let size = factors.columnCount
    var solved = start
    solved.values.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      let output = RowsInWork(start: base)
      WorkQueue.share(observed.rowCount, chunk: 16, workers: workers) { queue in
        // D, and the memory of the steps.
        let room = UnsafeMutablePointer<Float>.allocate(capacity: 5 * size)
        defer { room.deallocate() }
        while let rows = queue.next() {
          for row in rows {
            approach(observed, row, penalty: penalties[row], steps: steps, room: room, output.start + row * size)
          }
        }
      }
    }
    return solved
  }

  private func approach(
    _ observed: SparseRows, _ row: Int, penalty: Float, steps: Int, room: UnsafeMutablePointer<Float>,
    _ solution: UnsafeMutablePointer<Float>
  ) {
    let size = factors.columnCount
    let (first, count) = (observed.offsets[row], observed.count(inRow: row))
    guard count > 0 else { return solution.update(repeating: 0, count: size) }
    for place in 0..<size { room[place] = unobservedWeight * spectrum[place] + penalty }
    factors.values.withUnsafeBufferPointer { values in
      observed.columns.withUnsafeBufferPointer { columns in
        guard let values = values.baseAddress, let columns = columns.baseAddress else { return }
        func go(_ weights: UnsafePointer<Float>?) {
          attune_ridge_steps(
            values, size, columns + first, weights, count, room, steps, solution, room + size)
        }
        guard let weights = observed.weights else { return go(nil) }
        weights.withUnsafeBufferPointer { go($0.baseAddress.map { $0 + first }) }
      }
    }
  }
}
