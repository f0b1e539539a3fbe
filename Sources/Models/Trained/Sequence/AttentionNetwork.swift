import Mathematics

/// The network of `SelfAttention` on the weights that somebody else holds: from the acts of a room to a vector for each,
/// which is near the vectors of what may follow.
struct AttentionNetwork {
  let shape: AttentionShape
  let weights: UnsafeMutablePointer<Float>
  let kernels = NetworkKernels()

  /// Queries that are computed at once; what lies after the last of them is left out.
  static let queryRows = 64

  /// What is left out by chance in a step: the same on the way there and back.
  struct Dropout {
    let rate: Float
    let key: UInt32

    static let none = Dropout(rate: 0, key: 0)

    enum Site: UInt32 { case items, attention, forward }

    func apply(_ kernels: NetworkKernels, _ x: MatrixPart, _ site: Site, block: Int = 0) {
      kernels.dropout(x, rate: rate, key: key &+ (UInt32(block) &* 3 &+ site.rawValue) &* 0x9E37_79B9)
    }
  }

  /// A matrix of the weights or of a gradient of theirs.
  func matrix(_ base: UnsafeMutablePointer<Float>, at offset: Int, _ rows: Int, _ columns: Int) -> MatrixPart {
    MatrixPart(base + offset, rows: rows, columns: columns)
  }

  /// Fills the room up to `outputNormed`: a vector for each act, shape `[acts, d]`.
  func forward(_ room: AttentionRoom, dropout: Dropout = .none) {
    let d = shape.dimensions
    let first = room.blocks.first?.input ?? room.output
    let scale = Float(d).squareRoot()
    for (row, item) in room.items.enumerated() {
      let (source, target) = (weights + Int(item) * d, first + row * d)
      for place in 0..<d { target[place] = scale * source[place] }
    }
    dropout.apply(kernels, room.rows(first, d), .items)
    for number in 0..<shape.blocks {
      let next = number + 1 < shape.blocks ? room.blocks[number + 1].input : room.output
      forward(room, block: number, into: next, dropout: dropout)
    }
    kernels.layerNorm(
      room.rows(room.output, d), gain: weights + shape.lastNorm, shift: weights + shape.lastNorm + d,
      into: room.rows(room.outputNormed, d), statistics: room.outputStatistics)
  }

  private func forward(
    _ room: AttentionRoom, block number: Int, into next: UnsafeMutablePointer<Float>, dropout: Dropout
  ) {
    let (d, f, block, part) = (shape.dimensions, shape.hidden, room.blocks[number], shape.block(number))
    let (input, middle, output) = (room.rows(block.input, d), room.rows(block.middle, d), room.rows(next, d))
    let normed = room.rows(block.attentionNormed, d)
    kernels.layerNorm(
      input, gain: weights + part.attentionNorm, shift: weights + part.attentionNorm + d, into: normed,
      statistics: block.attentionStatistics)
    kernels.multiply(
      normed, byTransposed: matrix(weights, at: part.attentionIn, 3 * d, d), into: room.rows(block.lookups, 3 * d))
    for (range, looks) in room.sequences { attend(room, block, part, range, looks: block.looks + looks) }
    kernels.multiply(
      room.rows(block.mixed, d), byTransposed: matrix(weights, at: part.attentionOut, d, d), into: middle)
    dropout.apply(kernels, middle, .attention, block: number)
    kernels.add(input, to: middle)

    let forwardNormed = room.rows(block.forwardNormed, d)
    kernels.layerNorm(
      middle, gain: weights + part.forwardNorm, shift: weights + part.forwardNorm + d, into: forwardNormed,
      statistics: block.forwardStatistics)
    let (raw, active) = (room.rows(block.raw, f), room.rows(block.active, f))
    kernels.multiply(forwardNormed, byTransposed: matrix(weights, at: part.forwardIn, f, d), into: raw)
    kernels.silu(raw, shift: weights + part.forwardInShift, into: active)
    kernels.multiply(active, byTransposed: matrix(weights, at: part.forwardOut, d, f), into: output)
    kernels.addShift(weights + part.forwardOutShift, to: output)
    dropout.apply(kernels, output, .forward, block: number)
    kernels.add(middle, to: output)
  }

  /// The parts of a sequence's queries, keys and values that belong to a head.
  func head(_ lookups: UnsafeMutablePointer<Float>, _ range: Range<Int>, _ head: Int, kind: Int) -> MatrixPart {
    let d = shape.dimensions
    return MatrixPart(
      lookups + range.lowerBound * 3 * d + kind * d + head * shape.headSize, rows: range.count,
      columns: shape.headSize, stride: 3 * d)
  }

  private func attend(
    _ room: AttentionRoom, _ block: AttentionRoom.BlockRoom, _ part: AttentionShape.Block, _ range: Range<Int>,
    looks start: UnsafeMutablePointer<Float>
  ) {
    let (n, size) = (range.count, shape.headSize)
    for number in 0..<shape.heads {
      let queries = head(block.lookups, range, number, kind: 0)
      let keys = head(block.lookups, range, number, kind: 1)
      let values = head(block.lookups, range, number, kind: 2)
      let looks = MatrixPart(start + number * n * n, rows: n, columns: n)
      let mixed = MatrixPart(
        block.mixed + range.lowerBound * shape.dimensions + number * size, rows: n, columns: size,
        stride: shape.dimensions)
      for first in stride(from: 0, to: n, by: Self.queryRows) {
        let end = min(n, first + Self.queryRows)
        let tile = looks.part(row: first, rows: end - first, columns: end)
        kernels.multiply(queries.rows(first..<end), byTransposed: keys.rows(0..<end), into: tile)
        kernels.causalSoftmax(
          tile, first: first, scale: 1 / Float(size).squareRoot(),
          bias: weights + part.bias + number * shape.length, length: shape.length)
        kernels.multiply(tile, values.rows(0..<end), into: mixed.rows(first..<end))
      }
    }
  }
}
