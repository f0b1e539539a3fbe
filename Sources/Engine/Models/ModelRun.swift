public import Primitives

/// One training, as the registry keeps it.
public struct ModelRun: Sendable, Hashable, BinaryCodable {
  /// What made it begin.
  public enum Cause: String, Sendable, CaseIterable {
    /// Somebody asked for it.
    case asked
    /// The time was over that `training.every` gives.
    case schedule
    /// Enough had happened since the last one.
    case changes
    /// What people do is no longer what it was trained on.
    case drift
    /// The model in force does worse than it did.
    case degradation
  }

  /// A figure on the held-back people, with its 95 % interval.
  public struct Metric: Sendable, Hashable, BinaryCodable {
    /// Of what: `candidate` and `champion` with the fresh models as they answer together, `fresh` of these alone, `model` of
    /// the trained model alone.
    public let subject: String
    /// `ndcg` or `hr`.
    public let name: String
    public let k: Int
    public let value: Double
    public let low: Double
    public let high: Double

    public init(subject: String, name: String, k: Int, value: Double, low: Double, high: Double) {
      (self.subject, self.name, self.k) = (subject, name, k)
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  /// What it learnt from.
  public struct Window: Sendable, Hashable {
    /// Of the oldest and the newest act.
    public var from: Timestamp
    public var to: Timestamp
    /// Where the log ended.
    public var end: LogPosition
    /// Events in the log by then.
    public var events: Int
    public var acts: Int
    public var people: Int
    public var items: Int
    /// People it was measured on, and not trained on.
    public var heldBack: Int

    public init(
      from: Timestamp, to: Timestamp, end: LogPosition, events: Int, acts: Int, people: Int, items: Int, heldBack: Int
    ) {
      (self.from, self.to, self.end) = (from, to, end)
      (self.events, self.acts, self.people, self.items, self.heldBack) = (events, acts, people, items, heldBack)
    }
  }

  /// The number of this run and of the model that came of it, from 1; the registry gives it.
  public internal(set) var version: Int
  /// The algorithm: `ials`.
  public let model: String
  public let cause: Cause
  public let startedAt: Timestamp
  public let finishedAt: Timestamp
  public let window: Window
  /// Settings by name, as people write them.
  public let parameters: [String: String]
  public let metrics: [Metric]
  /// Share of each model in what is known of a person's own taste; sums to 1.
  public let shares: [String: Float]
  /// Why the model may not go live; nil when it may.
  public internal(set) var refusal: String?
  /// Hash of the model's file, in hexadecimal; nil when there is none.
  public let digest: String?
  public let bytes: Int

  public init(
    version: Int, model: String, cause: Cause, startedAt: Timestamp, finishedAt: Timestamp, window: Window,
    parameters: [String: String], metrics: [Metric], shares: [String: Float], refusal: String?, digest: String?,
    bytes: Int
  ) {
    self.version = version
    self.model = model
    self.cause = cause
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.window = window
    self.parameters = parameters
    self.metrics = metrics
    self.shares = shares
    self.refusal = refusal
    self.digest = digest
    self.bytes = bytes
  }
}

// MARK: - Coding

extension ModelRun {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: version)
    writer.write(string: model)
    writer.write(string: cause.rawValue)
    for time in [startedAt, finishedAt, window.from, window.to] { writer.write(time: time) }
    writer.write(varint: window.end.rawValue)
    for count in [window.events, window.acts, window.people, window.items, window.heldBack, bytes] {
      writer.write(count: count)
    }
    writer.write(count: parameters.count)
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      writer.write(string: name)
      writer.write(string: value)
    }
    writer.write(list: metrics)
    writer.write(count: shares.count)
    for (name, share) in shares.sorted(by: { $0.key < $1.key }) {
      writer.write(string: name)
      writer.write(float: share)
    }
    writer.write(string: refusal ?? "")
    writer.write(string: digest ?? "")
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    version = try reader.readTotal()
    model = try reader.readString()
    let named = try reader.readString()
    guard let cause = Cause(rawValue: named) else { throw BinaryError("a training caused by '\(named)'") }
    self.cause = cause
    startedAt = try reader.readTime()
    finishedAt = try reader.readTime()
    let (from, to) = (try reader.readTime(), try reader.readTime())
    let end = LogPosition(try reader.readVarint())
    window = Window(
      from: from, to: to, end: end, events: try reader.readTotal(), acts: try reader.readTotal(),
      people: try reader.readTotal(), items: try reader.readTotal(), heldBack: try reader.readTotal())
    bytes = try reader.readTotal()
    var parameters: [String: String] = [:]
    for _ in 0..<(try reader.readCount()) { parameters[try reader.readString()] = try reader.readString() }
    self.parameters = parameters
    metrics = try reader.readList(of: Metric.self)
    var shares: [String: Float] = [:]
    for _ in 0..<(try reader.readCount()) { shares[try reader.readString()] = try reader.readFloat() }
    self.shares = shares
    let (refusal, digest) = (try reader.readString(), try reader.readString())
    self.refusal = refusal.isEmpty ? nil : refusal
    self.digest = digest.isEmpty ? nil : digest
  }
}

extension ModelRun.Metric {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: subject)
    writer.write(string: name)
    writer.write(count: k)
    for number in [value, low, high] { writer.write(double: number) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(
      subject: try reader.readString(), name: try reader.readString(), k: try reader.readTotal(),
      value: try reader.readDouble(), low: try reader.readDouble(), high: try reader.readDouble())
  }
}

extension BinaryReader {
  /// A number that counts something else than what follows; `readCount` would compare it with the bytes that are left.
  mutating func readTotal() throws(BinaryError) -> Int { Int(clamping: try readVarint()) }
}
