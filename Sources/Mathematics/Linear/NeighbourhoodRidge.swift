/// Many ridge regressions from one sparse Gram matrix, each on the few rows that matter to it.
///
/// For every column j of a target R, with C_j the `limit` rows whose R_cj are largest, the b that solves
///
///     (A_CC + λI) b = R_Cj
///
/// With `limit` at least the number of rows that is the whole regression (A + λI)⁻¹ R.
/// - SeeAlso: Ning & Karypis, *SLIM: sparse linear methods for top-n recommender systems*, ICDM 2011 (§4.3, the choice of
///   columns beforehand).
public struct NeighbourhoodRidge: Sendable {
  /// A, symmetric and positive semidefinite, shape `[rows, rows]`.
  public let gram: SparseRows
  /// λ > 0.
  public let penalty: Float
  public let limit: Int

  public init(gram: SparseRows, penalty: Float, limit: Int) {
    precondition(gram.rowCount == gram.columnCount && penalty > 0 && limit > 0)
    self.gram = gram
    self.penalty = penalty
    self.limit = limit
  }

  /// What one worker needs.
  private struct Room {
    var strongest: StrongestCells
    /// Where a row of A stands in C, plus 1; 0 where it does not.
    var places: [UInt32]
    var system: [Float] = []
  }

  /// - Parameter targets: Rᵀ, a row for each regression; what is not above 0 is passed over.
  /// - Returns: A row of b for each regression; nothing where a system could not be solved.
  /// - Complexity: O(limit³ + the cells of `limit` rows of A) for each.
  public func solve(_ targets: SparseRows, workers: Int = 1) -> SparseRows {
    precondition(targets.columnCount == gram.rowCount)
    let (limit, count) = (limit, gram.rowCount)
    return SparseRows.built(rowCount: targets.rowCount, columnCount: count, workers: workers) {
      Room(strongest: StrongestCells(limit: limit), places: Array(repeating: 0, count: count))
    } fill: { target, room, row in
      for place in targets.offsets[target]..<targets.offsets[target + 1] {
        let weight = targets.weights?[place] ?? 1
        if weight > 0 { room.strongest.offer(targets.columns[place], weight, rank: weight) }
      }
      var chosen = RowCells()
      room.strongest.drain(into: &chosen)
      for (column, weight) in zip(chosen.columns, solve(chosen, &room)) { row.append(column, weight) }
    }
  }

  private func solve(_ chosen: RowCells, _ room: inout Room) -> [Float] {
    let size = chosen.columns.count
    guard size > 0 else { return [] }
    room.system = Array(repeating: 0, count: size * size)
    for (place, column) in chosen.columns.enumerated() { room.places[Int(column)] = UInt32(place + 1) }
    for (place, column) in chosen.columns.enumerated() {
      for cell in gram.offsets[Int(column)]..<gram.offsets[Int(column) + 1] {
        let other = Int(room.places[Int(gram.columns[cell])])
        if other > 0 { room.system[place * size + other - 1] = gram.weights?[cell] ?? 1 }
      }
      room.system[place * (size + 1)] += penalty
    }
    for column in chosen.columns { room.places[Int(column)] = 0 }
    var solution = chosen.weights
    let isSolved = room.system.withUnsafeMutableBufferPointer { system in
      solution.withUnsafeMutableBufferPointer { solution in
        guard let system = system.baseAddress, let solution = solution.baseAddress else { return false }
        return DenseKernels().solvePositiveDefinite(system, size, solution)
      }
    }
    return isSolved && solution.allSatisfy(\.isFinite) ? solution : []
  }
}
