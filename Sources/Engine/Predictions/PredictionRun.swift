public import Primitives

/// One training of one prediction, as the registry keeps it.
public struct PredictionRun: Sendable, Hashable, BinaryCodable {
  /// What it learnt from.
  public struct Window: Sendable, Hashable {
    /// Of the first and the last moment.
    public var from: Timestamp
    public var to: Timestamp
    /// Where the log ended.
    public var end: LogPosition
    /// Events in the log by then.
    public var events: Int
    /// Moments that it learnt from, that the calibration was chosen by, and that it was judged by.
    public var training: Int
    public var validation: Int
    public var test: Int
    /// Of all of them, those whose label is true.
    public var positives: Int
    /// People of all of them, and those among them who are held back.
    public var people: Int
    public var heldBack: Int
    /// Moments that were left out since their time was not over.
    public var open: Int

    public init(
      from: Timestamp, to: Timestamp, end: LogPosition, events: Int, training: Int = 0, validation: Int = 0,
      test: Int = 0, positives: Int = 0, people: Int = 0, heldBack: Int = 0, open: Int = 0
    ) {
      (self.from, self.to, self.end, self.events) = (from, to, end, events)
      (self.training, self.validation, self.test) = (training, validation, test)
      (self.positives, self.people, self.heldBack, self.open) = (positives, people, heldBack, open)
    }

    public var rows: Int { training + validation + test }
  }

  /// Moments of the test that were given about the same probability.
  public struct Bin: Sendable, Hashable, BinaryCodable {
    public let count: Int
    /// Mean of the probabilities.
    public let predicted: Double
    /// Share whose label is true.
    public let observed: Double

    public init(count: Int, predicted: Double, observed: Double) {
      (self.count, self.predicted, self.observed) = (count, predicted, observed)
    }
  }

  /// How much a feature moves the margin, on the mean over the moments of the test.
  public struct Driver: Sendable, Hashable, BinaryCodable {
    public let feature: String
    public let weight: Double

    public init(feature: String, weight: Double) { (self.feature, self.weight) = (feature, weight) }
  }

  /// The number of this run and of the model that came of it, from 1, counted over all predictions; the registry gives it.
  public internal(set) var version: Int
  /// The prediction's name.
  public let prediction: String
  /// `PredictionDefinition.question` as it was then.
  public let question: String
  public let cause: ModelRun.Cause
  public let startedAt: Timestamp
  public let finishedAt: Timestamp
  public let window: Window
  /// Settings by name, as people write them.
  public let parameters: [String: String]
  /// On the held-back people, with `k` 0.
  public let metrics: [ModelRun.Metric]
  public let bins: [Bin]
  /// The strongest first.
  public let drivers: [Driver]
  /// Why the model may not go live; nil when it may.
  public internal(set) var refusal: String?
  /// Hash of the model's file, in hexadecimal; nil when there is none.
  public let digest: String?
  public let bytes: Int

  public init(
    prediction: String, question: String, cause: ModelRun.Cause, startedAt: Timestamp, finishedAt: Timestamp,
    window: Window, parameters: [String: String], metrics: [ModelRun.Metric], bins: [Bin], drivers: [Driver],
    refusal: String?, digest: String?, bytes: Int
  ) {
    version = 0
    (self.prediction, self.question, self.cause) = (prediction, question, cause)
    (self.startedAt, self.finishedAt, self.window) = (startedAt, finishedAt, window)
    (self.parameters, self.metrics, self.bins, self.drivers) = (parameters, metrics, bins, drivers)
    (self.refusal, self.digest, self.bytes) = (refusal, digest, bytes)
  }
}

// MARK: - Coding

extension PredictionRun {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: version)
    for text in [prediction, question, cause.rawValue] { writer.write(string: text) }
    for time in [startedAt, finishedAt, window.from, window.to] { writer.write(time: time) }
    writer.write(varint: window.end.rawValue)
    for count in [
      window.events, window.training, window.validation, window.test, window.positives, window.people, window.heldBack,
      window.open, bytes,
    ] { writer.write(count: count) }
    writer.write(count: parameters.count)
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      writer.write(string: name)
      writer.write(string: value)
    }
    writer.write(list: metrics)
    writer.write(list: bins)
    writer.write(list: drivers)
    writer.write(string: refusal ?? "")
    writer.write(string: digest ?? "")
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    version = try reader.readTotal()
    (prediction, question) = (try reader.readString(), try reader.readString())
    let named = try reader.readString()
    guard let cause = ModelRun.Cause(rawValue: named) else { throw BinaryError("a training caused by '\(named)'") }
    self.cause = cause
    startedAt = try reader.readTime()
    finishedAt = try reader.readTime()
    var window = Window(
      from: try reader.readTime(), to: try reader.readTime(), end: LogPosition(try reader.readVarint()),
      events: try reader.readTotal())
    (window.training, window.validation) = (try reader.readTotal(), try reader.readTotal())
    (window.test, window.positives) = (try reader.readTotal(), try reader.readTotal())
    (window.people, window.heldBack) = (try reader.readTotal(), try reader.readTotal())
    window.open = try reader.readTotal()
    self.window = window
    bytes = try reader.readTotal()
    var parameters: [String: String] = [:]
    for _ in 0..<(try reader.readCount()) { parameters[try reader.readString()] = try reader.readString() }
    self.parameters = parameters
    metrics = try reader.readList(of: ModelRun.Metric.self)
    bins = try reader.readList(of: Bin.self)
    drivers = try reader.readList(of: Driver.self)
    let (refusal, digest) = (try reader.readString(), try reader.readString())
    self.refusal = refusal.isEmpty ? nil : refusal
    self.digest = digest.isEmpty ? nil : digest
  }
}

extension PredictionRun.Bin {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: count)
    writer.write(double: predicted)
    writer.write(double: observed)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(
      count: try reader.readTotal(), predicted: try reader.readDouble(), observed: try reader.readDouble())
  }
}

extension PredictionRun.Driver {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: feature)
    writer.write(double: weight)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(feature: try reader.readString(), weight: try reader.readDouble())
  }
}
