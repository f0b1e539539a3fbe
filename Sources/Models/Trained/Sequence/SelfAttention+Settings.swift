extension SelfAttention {
  /// The defaults are those of MovieLens-1M.
  public struct Settings: Sendable, Hashable {
    /// d: numbers in a vector, a multiple of `heads`.
    public var dimensions = 64
    public var blocks = 2
    public var heads = 2
    /// f: numbers between the layers of a feed-forward part.
    public var hidden = 256
    /// Acts that are looked back at, at most.
    public var length = 200
    /// Share of the numbers that are left out in training.
    public var dropout: Float = 0.2
    /// Items that a target is compared with, beside the batch's own targets; all when there are no more than these.
    public var negatives = 512
    public var epochs = 12
    /// Of Adam, at its highest; it rises over the first steps and falls to 0 at the end.
    public var rate: Float = 0.0015
    public var weightDecay: Float = 0
    /// Acts in a step of the training, at most.
    public var batch = 2_048
    /// Sequences whose last act is held back, to choose the epoch: this share of them, 2,000 at most.
    public var validationShare: Float = 0.1
    /// Epochs without a better one after which the training ends.
    public var patience = 5
    public var seed: UInt64 = 0
    /// Bytes that a fit may take.
    public var memoryMax = 8 << 30

    public init() {}

    /// Floating-point operations of an epoch, about.
    public func operations(acts: Int, items: Int) -> Double {
      let (d, f) = (Double(dimensions), Double(hidden))
      let block = 4 * d * d + 2 * d * f + Double(length) * d
      let scored = Double(min(items, negatives)) * d
      // Each product is an addition and a multiplication, once on the way there and twice on the way back.
      return Double(acts) * 6 * (Double(blocks) * block + scored)
    }
  }

  /// How far a fit has come.
  public struct Progress: Sendable, Hashable {
    /// Epochs that are done.
    public let epoch: Int
    public let epochs: Int
    /// Mean cross entropy of the epoch, in nats.
    public let loss: Double
    /// NDCG@10 on what is held back; nil when nothing is.
    public let validation: Double?
  }

  public enum Step: Sendable {
    case proceed
    /// No more epochs: the best until now is taken.
    case finish
    /// Nobody wants the model any more.
    case stop
  }

  /// Bytes that a fit takes at most, the training set included.
  public static func memoryBytes(
    sequences: Int, items: Int, interactions: Int, settings: Settings = Settings(), workers: Int = 2
  ) -> Int {
    // More than ordinals can name.
    guard items <= Int(UInt32.max) else { return .max }
    let shape = AttentionShape(items: items, settings)
    // Weights, their average, the best of it, two memories of Adam, the model as it leaves, and the slots' gradients.
    let copies = (6 + AttentionTraining.slots).multipliedClamping(by: shape.count)
    let rooms = AttentionTraining.slots.multipliedClamping(by: AttentionRoom.floats(shape, settings))
    let set = interactions.multipliedClamping(by: 8).addingClamping(sequences.multipliedClamping(by: 64))
    let trial = settings.validationShare > 0 ? SequenceTrial.memoryBytes(shape) : 0
    return copies.addingClamping(rooms).multipliedClamping(by: 4).addingClamping(set)
      .addingClamping(items.multipliedClamping(by: 16)).addingClamping(trial)
  }
}

extension AttentionShape {
  init(items: Int, _ settings: SelfAttention.Settings) {
    self.init(
      items: items, dimensions: settings.dimensions, blocks: settings.blocks, heads: settings.heads,
      hidden: settings.hidden, length: settings.length)
  }
}

extension TrainingRefusal {
  static func check(_ settings: SelfAttention.Settings) throws(TrainingRefusal) {
    for (name, value, limit) in [
      ("dimensions", settings.dimensions, 1_024), ("blocks", settings.blocks, 16), ("heads", settings.heads, 64),
      ("hidden numbers", settings.hidden, 8_192), ("acts looked back at", settings.length, 2_048),
      ("negatives", settings.negatives, 1 << 20), ("epochs", settings.epochs, 10_000),
      ("acts in a step", settings.batch, 1 << 20), ("epochs of patience", settings.patience, 10_000),
    ] where !(1...limit).contains(value) {
      throw .settings("found \(value) \(name), expected 1 to \(limit)")
    }
    guard settings.dimensions % settings.heads == 0 else {
      throw .settings("found \(settings.dimensions) dimensions for \(settings.heads) heads, expected a multiple")
    }
    guard settings.rate > 0, settings.rate.isFinite else {
      throw .settings("found a learning rate of \(settings.rate), expected a number above 0")
    }
    guard settings.weightDecay >= 0, settings.weightDecay.isFinite else {
      throw .settings("found a weight decay of \(settings.weightDecay), expected a number of at least 0")
    }
    guard settings.dropout >= 0, settings.dropout < 1 else {
      throw .settings("found a dropout of \(settings.dropout), expected at least 0 and below 1")
    }
    guard settings.validationShare >= 0, settings.validationShare <= 0.5 else {
      throw .settings("found a share held back of \(settings.validationShare), expected 0 to 0.5")
    }
  }

  static func check(successionIn sequences: [[UInt32]], itemCount: Int) throws(TrainingRefusal) {
    if let odd = sequences.lazy.joined().first(where: { $0 >= itemCount }) {
      throw .settings("found item \(odd) in a sequence, expected ordinals below \(itemCount)")
    }
    guard let first = sequences.lazy.joined().first else { throw .noInteractions }
    guard sequences.lazy.filter({ !$0.isEmpty }).prefix(2).count == 2 else { throw .onePerson }
    guard sequences.lazy.joined().contains(where: { $0 != first }) else { throw .oneItem }
    guard sequences.contains(where: { $0.count > 1 }) else { throw .noSuccession }
  }
}
