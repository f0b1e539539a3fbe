public import Primitives

/// What is known of a training beside its run: where it comes from, what made it begin, and how its model did for whom.
public struct ModelNote: Sendable, Hashable, BinaryCodable {
  /// NDCG at 10 of a part of the held-back people, with its 95 % interval.
  public struct Part: Sendable, Hashable, BinaryCodable {
    /// By what people or targets are parted: `history` or `popularity`.
    public let grouping: String
    /// `5-9 items`
    public let name: String
    /// People in it.
    public let count: Int
    public let value: Double
    public let low: Double
    public let high: Double

    public init(grouping: String, name: String, count: Int, value: Double, low: Double, high: Double) {
      (self.grouping, self.name, self.count) = (grouping, name, count)
      (self.value, self.low, self.high) = (value, low, high)
    }
  }

  /// How the values of a feature were spread over people when the model was trained.
  public struct Spread: Sendable, Hashable, BinaryCodable {
    public let feature: String
    /// Bins end at these values, ascending; the last bin has no end.
    public let edges: [Double]
    /// People in each bin, and last those without a value: two more than edges.
    public let counts: [Double]

    public init(feature: String, edges: [Double], counts: [Double]) {
      (self.feature, self.edges, self.counts) = (feature, edges, counts)
    }
  }

  public let version: Int
  /// The model in force that it was compared with; 0 for the fresh models alone.
  public let rival: Int
  /// The definitions in force.
  public let definitions: Int
  /// Format of the model's file; 0 when there is none.
  public let fileFormat: Int
  /// What made the training begin, as it was measured; empty when somebody asked, or the time had come.
  public let evidence: [String]
  public let parts: [Part]
  public let spreads: [Spread]

  public init(
    version: Int, rival: Int, definitions: Int, fileFormat: Int, evidence: [String], parts: [Part], spreads: [Spread]
  ) {
    (self.version, self.rival, self.definitions, self.fileFormat) = (version, rival, definitions, fileFormat)
    (self.evidence, self.parts, self.spreads) = (evidence, parts, spreads)
  }
}

/// A model that was taken out of force without anybody's asking, since it did harm.
public struct ModelWithdrawal: Sendable, Hashable, BinaryCodable {
  public let version: Int
  /// What came into force instead; 0 for the fresh models alone.
  public let successor: Int
  public let at: Timestamp
  public let reason: String
  /// Of the model's file, so that the same model is not let in again.
  public let digest: String
}

extension ModelRegistry {
  /// Why a model with this file must not go live by a training: it did before, and did harm. Nil for any other.
  public func withdrawalReason(ofDigest digest: String?) -> String? {
    withdrawals.last { $0.digest == digest && !$0.digest.isEmpty }.map {
      "it is the very model \($0.version) that was withdrawn: \($0.reason)"
    }
  }
}

// MARK: - Coding

extension ModelNote {
  public func encode(into writer: inout BinaryWriter) {
    for number in [version, rival, definitions, fileFormat, evidence.count] { writer.write(count: number) }
    for text in evidence { writer.write(string: text) }
    writer.write(list: parts)
    writer.write(list: spreads)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    version = try reader.readTotal()
    rival = try reader.readTotal()
    definitions = try reader.readTotal()
    fileFormat = try reader.readTotal()
    var evidence: [String] = []
    for _ in 0..<(try reader.readCount()) { evidence.append(try reader.readString()) }
    self.evidence = evidence
    parts = try reader.readList(of: Part.self)
    spreads = try reader.readList(of: Spread.self)
  }
}

extension ModelNote.Part {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: grouping)
    writer.write(string: name)
    writer.write(count: count)
    for number in [value, low, high] { writer.write(double: number) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init(
      grouping: try reader.readString(), name: try reader.readString(), count: try reader.readTotal(),
      value: try reader.readDouble(), low: try reader.readDouble(), high: try reader.readDouble())
  }
}

extension ModelNote.Spread {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: feature)
    for numbers in [edges, counts] {
      writer.write(count: numbers.count)
      for number in numbers { writer.write(double: number) }
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    feature = try reader.readString()
    var lists: [[Double]] = [[], []]
    for list in lists.indices { for _ in 0..<(try reader.readCount()) { lists[list].append(try reader.readDouble()) } }
    (edges, counts) = (lists[0], lists[1])
  }
}

extension ModelWithdrawal {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: version)
    writer.write(count: successor)
    writer.write(time: at)
    writer.write(string: reason)
    writer.write(string: digest)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    version = try reader.readTotal()
    successor = try reader.readTotal()
    at = try reader.readTime()
    reason = try reader.readString()
    digest = try reader.readString()
  }
}
