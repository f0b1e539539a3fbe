import Mathematics

/// The way back: the gradient of the weights from that of the vectors.
extension AttentionNetwork {
  /// Adds the gradient of the weights to `gradient`, shape of the weights.
  /// - Parameter room: As `forward` left it with the same `dropout`; `back` holds the gradient of `outputNormed`.
  func backward(_ room: AttentionRoom, into gradient: UnsafeMutablePointer<Float>, dropout: Dropout = .none) {
    let d = shape.dimensions
    // The gradient of what comes out of a block becomes that of what went in, in one place: the sums pass it on.
    let passing = room.rows(room.side, d)
    passing.start.update(repeating: 0, count: room.count * d)
    kernels.layerNormBack(
      from: room.rows(room.back, d), x: room.rows(room.output, d), statistics: room.outputStatistics,
      gain: weights + shape.lastNorm, into: passing, dgain: gradient + shape.lastNorm,
      dshift: gradient + shape.lastNorm + d)
    for number in (0..<shape.blocks).reversed() {
      forwardPartBack(room, block: number, passing, into: gradient, dropout)
      attentionBack(room, block: number, passing, into: gradient, dropout)
    }
    dropout.apply(kernels, passing, .items)
    let scale = Float(d).squareRoot()
    for (row, item) in room.items.enumerated() {
      let (source, target) = (passing.start + row * d, gradient + Int(item) * d)
      for place in 0..<d { target[place] += scale * source[place] }
    }
  }

  private func forwardPartBack(
    _ room: AttentionRoom, block number: Int, _ passing: MatrixPart, into gradient: UnsafeMutablePointer<Float>,
    _ dropout: Dropout
  ) {
    let (d, f, block, part) = (shape.dimensions, shape.hidden, room.blocks[number], shape.block(number))
    let out = room.rows(room.back, d)
    out.start.update(from: passing.start, count: room.count * d)
    dropout.apply(kernels, out, .forward, block: number)
    let active = room.rows(room.wide, f)
    kernels.multiply(
      transposed: out, room.rows(block.active, f), into: matrix(gradient, at: part.forwardOut, d, f), .add)
    kernels.addRows(of: out, to: gradient + part.forwardOutShift)
    kernels.multiply(out, matrix(weights, at: part.forwardOut, d, f), into: active)
    kernels.siluBack(room.rows(block.raw, f), active, dshift: gradient + part.forwardInShift)
    kernels.multiply(
      transposed: active, room.rows(block.forwardNormed, d), into: matrix(gradient, at: part.forwardIn, f, d), .add)
    kernels.multiply(active, matrix(weights, at: part.forwardIn, f, d), into: out)
    kernels.layerNormBack(
      from: out, x: room.rows(block.middle, d), statistics: block.forwardStatistics, gain: weights + part.forwardNorm,
      into: passing, dgain: gradient + part.forwardNorm, dshift: gradient + part.forwardNorm + d)
  }

  private func attentionBack(
    _ room: AttentionRoom, block number: Int, _ passing: MatrixPart, into gradient: UnsafeMutablePointer<Float>,
    _ dropout: Dropout
  ) {
    let (d, block, part) = (shape.dimensions, room.blocks[number], shape.block(number))
    let out = room.rows(room.back, d)
    out.start.update(from: passing.start, count: room.count * d)
    dropout.apply(kernels, out, .attention, block: number)
    kernels.multiply(
      transposed: out, room.rows(block.mixed, d), into: matrix(gradient, at: part.attentionOut, d, d), .add)
    // The room of what was mixed is free from here on: it takes its own gradient.
    kernels.multiply(out, matrix(weights, at: part.attentionOut, d, d), into: room.rows(block.mixed, d))
    let lookups = room.rows(room.wide, 3 * d)
    for (range, looks) in room.sequences {
      attendBack(room, block, part, range, looks: block.looks + looks, into: gradient)
    }
    kernels.multiply(
      transposed: lookups, room.rows(block.attentionNormed, d), into: matrix(gradient, at: part.attentionIn, 3 * d, d),
      .add)
    kernels.multiply(lookups, matrix(weights, at: part.attentionIn, 3 * d, d), into: out)
    kernels.layerNormBack(
      from: out, x: room.rows(block.input, d), statistics: block.attentionStatistics,
      gain: weights + part.attentionNorm, into: passing, dgain: gradient + part.attentionNorm,
      dshift: gradient + part.attentionNorm + d)
  }

  /// From the gradient of what a sequence has mixed to that of its queries, keys and values, in `wide`.
  private func attendBack(
    _ room: AttentionRoom, _ block: AttentionRoom.BlockRoom, _ part: AttentionShape.Block, _ range: Range<Int>,
    looks start: UnsafeMutablePointer<Float>, into gradient: UnsafeMutablePointer<Float>
  ) {
    let (n, size) = (range.count, shape.headSize)
    for number in 0..<shape.heads {
      let (queries, keys, values) = (
        head(block.lookups, range, number, kind: 0), head(block.lookups, range, number, kind: 1),
        head(block.lookups, range, number, kind: 2)
      )
      let (queriesBack, keysBack, valuesBack) = (
        head(room.wide, range, number, kind: 0), head(room.wide, range, number, kind: 1),
        head(room.wide, range, number, kind: 2)
      )
      let looks = MatrixPart(start + number * n * n, rows: n, columns: n)
      let mixed = MatrixPart(
        block.mixed + range.lowerBound * shape.dimensions + number * size, rows: n, columns: size,
        stride: shape.dimensions)
      // The last queries first: they reach all keys, so their products need no sum with what was there before.
      let starts = Array(stride(from: 0, to: n, by: Self.queryRows)).reversed()
      for (turn, first) in starts.enumerated() {
        let end = min(n, first + Self.queryRows)
        let store = turn == 0 ? NetworkKernels.Store.replace : .add
        let tile = looks.part(row: first, rows: end - first, columns: end)
        let back = MatrixPart(room.looksBack, rows: end - first, columns: end, stride: n)
        let out = mixed.rows(first..<end)
        kernels.multiply(transposed: tile, out, into: valuesBack.rows(0..<end), store)
        kernels.multiply(out, byTransposed: values.rows(0..<end), into: back)
        kernels.causalSoftmaxBack(
          tile, back, first: first, scale: 1 / Float(size).squareRoot(),
          dbias: gradient + part.bias + number * shape.length, length: shape.length)
        kernels.multiply(back, keys.rows(0..<end), into: queriesBack.rows(first..<end))
        kernels.multiply(
          transposed: back, queries.rows(first..<end), into: keysBack.rows(0..<end), store)
      }
    }
  }
}
