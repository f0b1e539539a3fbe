import Foundation
import Mathematics
import Primitives

/// What comes next after a history of acts, by a network that weighs the acts of the history (self-attention, SASRec): from
/// the vectors e of the items x_1 … x_n, √d e each, blocks
///
///     x ← x + W_o Σ_{j ≤ i} softmax_j(q_iᵀk_j / √(d/heads) + b(i − j)) v_j       q, k, v = W norm(x), b learnt by distance
///     x ← x + W_2 silu(W_1 norm(x) + c_1) + c_2
///
/// give the vector norm(x_i), whose products with the items' vectors are the scores of what follows act i. It learns by cross
/// entropy over all items, or over a sample of them (`SequenceLoss`), at every act at once, sequences packed without
/// padding and long ones in windows, with Adam and dropout. A place is known by its distance alone, so that a long history
/// is met at its end as well as a short one. The epoch is the best on some last acts that are held back.
///
/// The same training set, settings and seed give the same weights, whatever the number of workers, on one kind of processor.
/// - SeeAlso: Kang & McAuley, *Self-attentive sequential recommendation*, ICDM 2018; Klenitskiy & Vasilev, *Turning dross
///   into gold loss: is BERT4Rec really better than SASRec?*, RecSys 2023; Shaw, Uszkoreit & Vaswani, *Self-attention with
///   relative position representations*, NAACL 2018 (the distances).
public struct SelfAttention: Sendable, Hashable {
  public let settings: Settings
  /// How often the training met each item, shape `[items]`.
  public let support: [UInt32]
  /// As `AttentionShape` orders them.
  let weights: [Float]

  /// - Parameters:
  ///   - sequences: Items in the order in which somebody dealt with them.
  ///   - workers: Threads; the result does not depend on it.
  ///   - progress: Told after each epoch; says whether to go on.
  /// - Throws: `TrainingRefusal` when nothing can be learnt from the set, or `progress` said stop.
  /// - Complexity: of an epoch O(acts · (blocks · (d² + d f + d · length) + d · (negatives or items))).
  public init(
    training sequences: [[UInt32]], itemCount: Int, settings: Settings = Settings(), workers: Int = 2,
    progress: (Progress) -> Step = { _ in .proceed }
  ) throws(TrainingRefusal) {
    try TrainingRefusal.check(settings)
    try TrainingRefusal.check(successionIn: sequences, itemCount: itemCount)
    var generator = SeededGenerator(seed: settings.seed &+ 1)
    let trial = SequenceTrial(sequences, settings, using: &generator)
    let support = Self.support(of: sequences, itemCount: itemCount)
    let shape = AttentionShape(items: itemCount, settings)
    let windows = SequenceWindows(sequences: trial.training, length: settings.length)
    let total = Float(trial.training.reduce(0) { $0 + $1.count })
    let training = AttentionTraining(shape, settings, shares: support.map { Float($0) / total })
    var best = (score: -1.0, epoch: 0, weights: training.averaged)
    var steps = 0
    for epoch in 1...settings.epochs {
      let batches = SequenceWindows.batches(
        windows.all(using: &generator), capacity: AttentionRoom.capacity(settings), slots: AttentionTraining.slots)
      var (loss, acts) = (0.0, 0)
      for batch in batches {
        let rate = settings.rate(step: steps, of: batches.count * settings.epochs)
        loss += training.step(batch, rate: rate, seed: generator.next(), workers: workers)
        acts += batch.joined().reduce(0) { $0 + $1.acts.count }
        steps += 1
      }
      guard loss.isFinite else { throw .diverged }
      let weights = training.averaged
      let score = trial.score(shape, weights, workers: workers)
      if score.map({ $0 > best.score }) ?? true { best = (score ?? 0, epoch, weights) }
      let told = Progress(epoch: epoch, epochs: settings.epochs, loss: loss / Double(max(1, acts)), validation: score)
      let step = progress(told)
      if case .stop = step { throw .stopped }
      if case .finish = step { break }
      if epoch - best.epoch >= settings.patience { break }
    }
    guard best.weights.allSatisfy(\.isFinite) else { throw .diverged }
    self.init(settings: settings, support: support, weights: best.weights)
  }

  init(settings: Settings, support: [UInt32], weights: [Float]) {
    self.settings = settings
    self.support = support
    self.weights = weights
  }

  public var itemCount: Int { support.count }

  private static func support(of sequences: [[UInt32]], itemCount: Int) -> [UInt32] {
    var support = Array(repeating: UInt32(0), count: itemCount)
    for item in sequences.joined() { support[Int(item)] += 1 }
    return support
  }
}

extension SelfAttention.Settings {
  /// Rises over the first steps, then falls straight to 0.
  func rate(step: Int, of total: Int) -> Float {
    let rise = max(1, min(100, total / 10))
    let part = Float(step + 1) / Float(rise)
    return rate * min(part, Float(max(0, total - step)) / Float(max(1, total - rise)))
  }
}
