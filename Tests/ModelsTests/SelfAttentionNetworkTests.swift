import Foundation
import Mathematics
import Primitives
import Testing

@testable import Models

@Suite struct SelfAttentionNetworkTests {
  static let shape = AttentionShape(items: 7, dimensions: 6, blocks: 2, heads: 2, hidden: 5, length: 70)
  static let sequences: [[UInt32]] = [
    [0, 1, 2, 3, 1, 5], [2, 6], [4, 4, 4, 0], (0..<67).map { UInt32($0 * $0 % 7) },
  ]

  /// Weights that are nowhere 0 or 1, so that nothing hides behind such a value.
  static func weights(_ shape: AttentionShape = shape) -> [Float] {
    var generator = SeededGenerator(seed: 3)
    let room = FloatRoom(shape.count)
    shape.initialize(room.start, using: &generator)
    return room.values.map { $0 + Float(generator.nextUnit() - 0.5) * 0.6 }
  }

  static func textbook() -> TextbookAttention {
    TextbookAttention(shape: shape, weights: weights().map { Double($0) })
  }

  @Test func `vectors and scores are those of the textbook`() {
    let weights = Self.weights()
    let textbook = Self.textbook()
    let vectors = weights.withUnsafeBufferPointer {
      AttentionNetwork.vectors(of: Self.sequences, Self.shape, weights: $0, workers: 2)
    }
    for (row, sequence) in Self.sequences.enumerated() {
      let expected = textbook.vectors(sequence)[sequence.count - 1]
      for (value, exact) in zip(vectors[row], expected) {
        #expect(abs(Double(value) - exact) < 1e-4, "sequence \(row)")
      }
    }
  }

  /// The gradient of the mean loss, and the loss.
  static func gradient(negatives: Int) -> (values: [Float], loss: Double) {
    var weights = Self.weights()
    let count = sequences.reduce(0) { $0 + $1.count - 1 }
    let room = AttentionRoom(shape, capacity: count, columns: shape.items)
    for sequence in sequences { room.append(sequence[..<(sequence.count - 1)], following: sequence[1...]) }
    let gradient = FloatRoom(shape.count)
    let shares = Array(repeating: Float(1) / Float(shape.items), count: shape.items)
    var generator = SeededGenerator(seed: 1)
    let loss = weights.withUnsafeMutableBufferPointer { buffer -> Double in
      guard let start = buffer.baseAddress else { return .nan }
      let network = AttentionNetwork(shape: shape, weights: start)
      network.forward(room)
      let function = SequenceLoss(shape: shape, shares: shares, negatives: negatives)
      let columns = function.columns(for: room, using: &generator)
      let sum = function.backward(room, network, columns, weight: 1 / Float(count), into: gradient.start)
      network.backward(room, into: gradient.start)
      return sum / Double(count)
    }
    return (gradient.values, loss)
  }

  @Test func `loss and gradient are those of the textbook, by finite differences`() {
    let (gradient, loss) = Self.gradient(negatives: Self.shape.items)
    var textbook = Self.textbook()
    #expect(abs(loss - textbook.loss(Self.sequences)) < 1e-5)
    // Every kind of weight, some of each.
    let part = Self.shape.block(1)
    let kinds = [
      0, Self.shape.block(0).start, part.attentionNorm, part.attentionIn, part.bias, part.attentionOut,
      part.forwardNorm,
      part.forwardIn, part.forwardInShift, part.forwardOut, part.forwardOutShift, Self.shape.lastNorm, Self.shape.count,
    ]
    for (start, end) in zip(kinds, kinds.dropFirst()) {
      for place in stride(from: end - 1, through: start, by: -max(1, (end - start) / 2)) {
        let step = 1e-5
        let weight = textbook.weights[place]
        textbook.weights[place] = weight + step
        let above = textbook.loss(Self.sequences)
        textbook.weights[place] = weight - step
        let below = textbook.loss(Self.sequences)
        textbook.weights[place] = weight
        let expected = (above - below) / (2 * step)
        #expect(abs(Double(gradient[place]) - expected) < 1e-5 + 1e-3 * abs(expected), "weight \(place) of \(start)")
      }
    }
  }

  @Test func `a sample that holds all items gives nearly the loss over all`() {
    let all = Self.gradient(negatives: Self.shape.items)
    // All items are among the targets, as good as certainly: no score is corrected.
    let sampled = Self.gradient(negatives: Self.shape.items - 1)
    #expect(abs(all.loss - sampled.loss) < 1e-4)
    #expect(zip(all.values, sampled.values).allSatisfy { abs($0 - $1) < 1e-4 })
  }

  @Test func `a correction by how likely an item is drawn keeps the sum over all items right in the mean`() {
    let shape = AttentionShape(items: 50, dimensions: 2, blocks: 1, heads: 1, hidden: 1, length: 4)
    let room = AttentionRoom(shape, capacity: 4, columns: 50)
    var generator = SeededGenerator(seed: 2)
    let shares = (0..<50).map { Float($0 + 1) / 1_275 }
    var sum = 0.0
    let rounds = 20_000
    for _ in 0..<rounds {
      // Targets drawn by their shares: item i with i + 1 of 1,275 tickets.
      let targets = (0..<3).map { _ in
        let ticket = Int(generator.next(upperBound: UInt64(1_275)))
        return UInt32((0..<50).first { ($0 + 1) * ($0 + 2) / 2 > ticket } ?? 0)
      }
      room.clear()
      room.append([0, 0, 0], following: targets[...])
      let columns = SequenceLoss(shape: shape, shares: shares, negatives: 5).columns(for: room, using: &generator)
      // Each item counts 1: the corrected sum estimates their number.
      sum += columns.offsets.reduce(0) { $0 + exp(-Double($1)) }
    }
    #expect(abs(sum / Double(rounds) - 50) < 1.5, "seed 2")
  }

  @Test func `what is left out is the same on the way back, in its share, and keeps the mean`() {
    let kernels = NetworkKernels()
    func dropped(_ key: UInt32) -> [Float] {
      let room = FloatRoom(20_000)
      room.start.update(repeating: 1, count: room.count)
      kernels.dropout(MatrixPart(room.start, rows: 200, columns: 100), rate: 0.3, key: key)
      return room.values
    }
    let values = dropped(9)
    #expect(values == dropped(9) && values != dropped(10))
    #expect(abs(Double(values.count { $0 == 0 }) / 20_000 - 0.3) < 0.02)
    #expect(abs(values.reduce(0, +) / 20_000 - 1) < 0.03)
  }
}
