import Foundation
import Mathematics
import Primitives

/// Weights on their way, with all that a step needs.
///
// Proof: threads meet here only within `WorkQueue.share`, which gives each slot, and each stretch of the
// weights, to exactly one of them and returns after all; between two shares there is only the caller.
final class AttentionTraining: @unchecked Sendable {
  /// Parts of a batch, each with a gradient of its own. They are added up in their order, so that the number of workers
  /// changes nothing.
  static let slots = 4
  private static let stretch = 16_384

  let shape: AttentionShape
  private let settings: SelfAttention.Settings
  private let loss: SequenceLoss
  private let rooms: [AttentionRoom]
  private let weights: FloatRoom
  private let gradients: FloatRoom
  private let means: FloatRoom
  private let squares: FloatRoom
  private let average: FloatRoom
  /// Of each slot, in memory of their own: threads that write to one Swift array, even at different places, overlap.
  private let losses: UnsafeMutablePointer<Double>
  private var steps = 0

  /// - Parameter shares: Of the training's targets, by item.
  init(_ shape: AttentionShape, _ settings: SelfAttention.Settings, shares: [Float]) {
    self.shape = shape
    self.settings = settings
    loss = SequenceLoss(shape: shape, shares: shares, negatives: settings.negatives)
    let capacity = AttentionRoom.capacity(settings)
    let columns = SequenceLoss.columnsMax(shape, negatives: settings.negatives, capacity: capacity)
    rooms = (0..<Self.slots).map { _ in AttentionRoom(shape, capacity: capacity, columns: columns) }
    weights = FloatRoom(shape.count)
    gradients = FloatRoom(shape.count * Self.slots)
    means = FloatRoom(shape.count)
    squares = FloatRoom(shape.count)
    average = FloatRoom(shape.count)
    losses = .allocate(capacity: Self.slots)
    losses.initialize(repeating: 0, count: Self.slots)
    var generator = SeededGenerator(seed: settings.seed)
    shape.initialize(weights.start, using: &generator)
    average.start.update(from: weights.start, count: shape.count)
  }

  deinit { losses.deallocate() }

  /// The weights' average over the last steps: better than the weights themselves.
  /// - SeeAlso: Polyak & Juditsky, *Acceleration of stochastic approximation by averaging*, 1992.
  var averaged: [Float] { average.values }

  /// Learns from some windows.
  /// - Parameters:
  ///   - parts: For each slot its windows.
  ///   - rate: Of Adam.
  ///   - seed: Of what is left out and what is drawn.
  /// - Returns: Σ of the acts' cross entropies.
  func step(_ parts: [[SequenceWindow]], rate: Float, seed: UInt64, workers: Int) -> Double {
    precondition(parts.count <= Self.slots)
    let count = parts.joined().reduce(0) { $0 + $1.acts.count }
    var keys = SeededGenerator(seed: seed)
    let seeds = parts.map { _ in keys.next() }
    WorkQueue.share(parts.count, chunk: 1, workers: workers) { [self] queue in
      while let slot = queue.next()?.lowerBound {
        losses[slot] = gradient(of: parts[slot], slot: slot, seed: seeds[slot], weight: 1 / Float(count))
      }
    }
    update(slots: parts.count, rate: rate, workers: workers)
    return UnsafeBufferPointer(start: losses, count: parts.count).reduce(0, +)
  }

  private func gradient(of windows: [SequenceWindow], slot: Int, seed: UInt64, weight: Float) -> Double {
    let room = rooms[slot]
    room.clear()
    for window in windows { room.append(window.acts, following: window.following) }
    var generator = SeededGenerator(seed: seed)
    let dropout = AttentionNetwork.Dropout(
      rate: settings.dropout, key: UInt32(truncatingIfNeeded: generator.next()))
    let network = AttentionNetwork(shape: shape, weights: weights.start)
    let gradient = gradients.start + slot * shape.count
    network.forward(room, dropout: dropout)
    let columns = loss.columns(for: room, using: &generator)
    let sum = loss.backward(room, network, columns, weight: weight, into: gradient)
    network.backward(room, into: gradient, dropout: dropout)
    return sum
  }

  /// Adds the slots' gradients, makes a step of Adam and sets the gradients to 0.
  private func update(slots: Int, rate: Float, workers: Int) {
    steps += 1
    let (meanDecay, squareDecay) = (Float(0.9), Float(0.98))
    let correction = (1 - powf(squareDecay, Float(steps))).squareRoot() / (1 - powf(meanDecay, Float(steps)))
    let step = NetworkKernels.AdamStep(
      rate: rate * correction, meanDecay: meanDecay, squareDecay: squareDecay, epsilon: 1e-8,
      weightDecay: settings.weightDecay, blend: max(0.005, 10 / Float(steps + 10)))
    WorkQueue.share(shape.count, chunk: Self.stretch, workers: workers) { [self] queue in
      let kernels = NetworkKernels()
      while let range = queue.next() {
        let (start, count) = (range.lowerBound, range.count)
        let sum = gradients.start + start
        for slot in 1..<max(1, slots) {
          let part = sum + slot * shape.count
          kernels.add(
            MatrixPart(part, rows: 1, columns: count), to: MatrixPart(sum, rows: 1, columns: count))
          part.update(repeating: 0, count: count)
        }
        kernels.adam(
          weights.start + start, gradient: sum, mean: means.start + start, square: squares.start + start,
          average: average.start + start, count: count, step: step)
        sum.update(repeating: 0, count: count)
      }
    }
  }
}

extension AttentionShape {
  /// Normal numbers: small ones for items, by Glorot & Bengio (AISTATS 2010) for layers, those that add to what passes
  /// smaller with the depth. A head begins by looking at what is near, each with a reach of its own, as in Press, Smith &
  /// Lewis, *Train short, test long*, ICLR 2022.
  func initialize(_ weights: UnsafeMutablePointer<Float>, using generator: inout SeededGenerator) {
    func fill(_ start: Int, _ count: Int, deviation: Double) {
      for place in start..<start + count {
        let radius = (-2 * log(1 - generator.nextUnit())).squareRoot()
        weights[place] = Float(deviation * radius * cos(2 * .pi * generator.nextUnit()))
      }
    }
    let (d, f) = (Double(dimensions), Double(hidden))
    let depth = Double(2 * blocks).squareRoot()
    fill(0, itemCount, deviation: 0.02)
    for number in 0..<blocks {
      let part = block(number)
      for norm in [part.attentionNorm, part.forwardNorm] {
        (weights + norm).update(repeating: 1, count: dimensions)
      }
      fill(part.attentionIn, 3 * dimensions * dimensions, deviation: 1 / d.squareRoot())
      fill(part.attentionOut, dimensions * dimensions, deviation: 1 / d.squareRoot() / depth)
      fill(part.forwardIn, hidden * dimensions, deviation: (2 / (d + f)).squareRoot())
      fill(part.forwardOut, dimensions * hidden, deviation: (2 / (d + f)).squareRoot() / depth)
      for head in 0..<heads {
        // 1/4, 1/16 … for two heads; as many steps for more.
        let slope = pow(2, -4 * Double(head + 1) / Double(heads) - 1)
        for distance in 0..<length {
          weights[part.bias + head * length + (length - 1 - distance)] = Float(-slope * Double(distance))
        }
      }
    }
    (weights + lastNorm).update(repeating: 1, count: dimensions)
  }
}
