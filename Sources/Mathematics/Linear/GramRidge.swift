/// Many ridge regressions on the same rows f of a matrix, each with a few of them observed:
///
///     x = argmin  Σ_{j observed} v_j (fⱼᵀx − 1)²  +  α Σ_j (fⱼᵀx)²  +  λ |x|²
///
/// Everything is kept in the eigenbasis of the Gram matrix FᵀF, in which α FᵀF + λI = D is diagonal whatever λ is. With the
/// observed rows scaled to C = diag(√v) F D^(−½), the solution is x = D^(−½) y with
///
///     (I + CᵀC) y = Cᵀ√v      (d unknowns)      or      y = Cᵀa,  (I + CCᵀ) a = √v      (one for each observed row)
///
/// of which the smaller system is solved; both are well conditioned. Products of two vectors are the same in any basis.
/// - SeeAlso: Hu, Koren & Volinsky, *Collaborative filtering for implicit feedback datasets*, ICDM 2008 (the Gram trick).
public struct GramRidge: Sendable, Hashable {
  /// Rows gathered at once: bounds memory, and stays in the cache.
  private static let blockRows = 512

  /// F in the eigenbasis, shape `[rows, d]`.
  public let factors: FloatMatrix
  /// Eigenvalues of FᵀF, at least 0; shape `[d]`.
  public let spectrum: [Float]
  /// α.
  public let unobservedWeight: Float

  /// - Parameters:
  ///   - factors: F in `basis`, as `basis.rotated` gives it.
  ///   - spectrum: That of the basis.
  public init(factors: FloatMatrix, spectrum: [Float], unobservedWeight: Float) {
    precondition(spectrum.count == factors.columnCount)
    self.factors = factors
    self.spectrum = spectrum
    self.unobservedWeight = unobservedWeight
  }

  /// The solution for each row of `observed`, whose columns are rows of F; 0 where nothing is observed.
  /// - Parameter penalties: λ > 0, shape `[observed.rowCount]`.
  /// - Returns: Shape `[observed.rowCount, d]`, in the eigenbasis; not a number where a system could not be solved.
  /// - Complexity: O(n d · min(n, d) + min(n, d)³) for a row with n observed.
  public func solve(_ observed: SparseRows, penalties: [Float], workers: Int = 1) -> FloatMatrix {
    precondition(penalties.count == observed.rowCount && observed.columnCount == factors.rowCount)
    let size = factors.columnCount
    let values = [Float](unsafeUninitializedCapacity: observed.rowCount * size) { buffer, filled in
      if let start = buffer.baseAddress {
        let output = RowsInWork(start: start)
        WorkQueue.share(observed.rowCount, chunk: 16, workers: workers) { queue in
          let room = Room(size: size, blockRows: Self.blockRows)
          defer { room.free() }
          while let rows = queue.next() {
            for row in rows {
              let span = observed.offsets[row]..<observed.offsets[row + 1]
              solve(
                observed.columns[span], observed.weights?[span], penalty: penalties[row], room: room,
                into: output.start + row * size)
            }
          }
        }
      }
      filled = observed.rowCount * size
    }
    return FloatMatrix(rowCount: observed.rowCount, columnCount: size, values: values)
  }

  /// Memory of one worker.
  private struct Room {
    let kernels = DenseKernels()
    /// C, at most `blockRows` rows.
    let gathered: UnsafeMutablePointer<Float>
    /// √v of the gathered rows.
    let roots: UnsafeMutablePointer<Float>
    let system: UnsafeMutablePointer<Float>
    /// D^(−½).
    let scale: UnsafeMutablePointer<Float>

    init(size: Int, blockRows: Int) {
      let rows = max(size, blockRows)
      gathered = .allocate(capacity: rows * size)
      roots = .allocate(capacity: rows)
      system = .allocate(capacity: size * size)
      scale = .allocate(capacity: size)
    }

    func free() {
      gathered.deallocate()
      roots.deallocate()
      system.deallocate()
      scale.deallocate()
    }
  }

  private func solve(
    _ columns: ArraySlice<UInt32>, _ weights: ArraySlice<Float>?, penalty: Float, room: Room,
    into solution: UnsafeMutablePointer<Float>
  ) {
    let size = factors.columnCount
    guard !columns.isEmpty else { return solution.initialize(repeating: 0, count: size) }
    for place in 0..<size { room.scale[place] = 1 / (unobservedWeight * spectrum[place] + penalty).squareRoot() }
    let isSolved =
      columns.count < size
      ? solveByRows(columns, weights, room: room, into: solution)
      : solveByFactors(columns, weights, room: room, into: solution)
    for place in 0..<size { solution[place] = isSolved ? solution[place] * room.scale[place] : .nan }
  }

  /// y = Cᵀa with (I + CCᵀ) a = √v.
  private func solveByRows(
    _ columns: ArraySlice<UInt32>, _ weights: ArraySlice<Float>?, room: Room, into y: UnsafeMutablePointer<Float>
  ) -> Bool {
    let (count, size) = (columns.count, factors.columnCount)
    gather(columns, weights, room: room)
    room.kernels.rowGram(room.gathered, rows: count, columns: size, into: room.system)
    for place in 0..<count { room.system[place * (count + 1)] += 1 }
    guard room.kernels.solvePositiveDefinite(room.system, count, room.roots) else { return false }
    room.kernels.transposedProduct(room.gathered, rows: count, columns: size, room.roots, into: y)
    return true
  }

  /// (I + CᵀC) y = Cᵀ√v.
  private func solveByFactors(
    _ columns: ArraySlice<UInt32>, _ weights: ArraySlice<Float>?, room: Room, into y: UnsafeMutablePointer<Float>
  ) -> Bool {
    let size = factors.columnCount
    var start = columns.startIndex
    var beta: Float = 0
    while start < columns.endIndex {
      let block = start..<min(start + Self.blockRows, columns.endIndex)
      gather(columns[block], weights?[block], room: room)
      room.kernels.gram(room.gathered, rows: block.count, columns: size, beta: beta, into: room.system)
      room.kernels.transposedProduct(
        room.gathered, rows: block.count, columns: size, room.roots, beta: beta, into: y)
      (start, beta) = (block.upperBound, 1)
    }
    for place in 0..<size { room.system[place * (size + 1)] += 1 }
    return room.kernels.solvePositiveDefinite(room.system, size, y)
  }

  /// Fills `gathered` and `roots`.
  private func gather(_ columns: ArraySlice<UInt32>, _ weights: ArraySlice<Float>?, room: Room) {
    let size = factors.columnCount
    factors.values.withUnsafeBufferPointer { values in
      for (place, column) in columns.enumerated() {
        let root = weights.map { $0[$0.startIndex + place].squareRoot() } ?? 1
        room.roots[place] = root
        guard let source = values.baseAddress.map({ $0 + Int(column) * size }) else { continue }
        let target = room.gathered + place * size
        for dimension in 0..<size { target[dimension] = source[dimension] * room.scale[dimension] * root }
      }
    }
  }
}
