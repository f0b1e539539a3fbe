public import Primitives
import Catalog
import Events

extension DecisionRecord: BinaryCodable {
  private static let formatVersion: UInt8 = 3
  /// The same without the cohort.
  private static let formatWithoutCohort: UInt8 = 2

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.formatVersion)
    writer.write(id: id.rawValue)
    writer.write(time: at)
    writer.write(string: placement)
    writer.write(list: identifiers)
    writer.write(optional: profileID) { $0.write(id: $1.rawValue) }
    writer.write(string: context)
    question.encode(into: &writer)
    writer.write(byte: UInt8(Stage.allCases.firstIndex(of: stage) ?? 0))
    writer.write(bool: isHoldout)
    writer.write(byte: fallback.flatMap { Fallback.allCases.firstIndex(of: $0) }.map { UInt8($0 + 1) } ?? 0)
    writer.write(bool: isLate)
    writer.write(count: rungWeights.count)
    for weight in rungWeights { writer.write(float: weight) }
    writer.write(count: evidenceCount)
    writer.write(optional: cohort) {
      $0.write(string: $1.id)
      $0.write(string: $1.name)
    }
    writer.write(count: versions.count)
    for stamp in versions {
      writer.write(string: stamp.name)
      writer.write(string: stamp.version)
    }
    writer.write(count: models.count)
    for model in models { writer.write(string: model) }
    writer.write(list: shown)
    writer.write(list: rivals)
    writer.write(list: removed)
    writer.write(list: boostGaps)
    writer.write(count: eligibleCount)
    writer.write(float: explorationShare)
    writer.write(count: exploredRank ?? 0)
    for microseconds in [
      timings.waited, timings.candidates, timings.eligibility, timings.scoring, timings.ranking,
    ] { writer.write(count: microseconds) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let version = try reader.readByte()
    guard version == Self.formatVersion || version == Self.formatWithoutCohort else {
      throw BinaryError("a decision record of format \(version), expected \(Self.formatVersion)")
    }
    id = DecisionID(try reader.readID())
    at = try reader.readTime()
    placement = try reader.readString()
    identifiers = try reader.readList(of: Identifier.self)
    profileID = try reader.readBool() ? ProfileID(try reader.readID()) : nil
    context = try reader.readString()
    question = try RecordedQuestion(from: &reader)
    let stageIndex = Int(try reader.readByte())
    guard Stage.allCases.indices.contains(stageIndex) else { throw BinaryError("a stage numbered \(stageIndex)") }
    stage = Stage.allCases[stageIndex]
    isHoldout = try reader.readBool()
    let fallbackIndex = Int(try reader.readByte()) - 1
    guard fallbackIndex < Fallback.allCases.count else { throw BinaryError("a fallback numbered \(fallbackIndex)") }
    fallback = fallbackIndex < 0 ? nil : Fallback.allCases[fallbackIndex]
    isLate = try reader.readBool()
    rungWeights = []
    for _ in 0..<(try reader.readCount()) { rungWeights.append(try reader.readFloat()) }
    evidenceCount = Int(truncatingIfNeeded: try reader.readVarint())
    if version == Self.formatVersion, try reader.readBool() {
      cohort = CohortLabel(id: try reader.readString(), name: try reader.readString())
    }
    versions = []
    for _ in 0..<(try reader.readCount()) {
      versions.append(VersionStamp(name: try reader.readString(), version: try reader.readString()))
    }
    models = []
    for _ in 0..<(try reader.readCount()) { models.append(try reader.readString()) }
    shown = try reader.readList(of: RecordedItem.self)
    rivals = try reader.readList(of: RecordedCandidate.self)
    removed = try reader.readList(of: RemovedItem.self)
    boostGaps = try reader.readList(of: BoostGap.self)
    eligibleCount = Int(truncatingIfNeeded: try reader.readVarint())
    explorationShare = try reader.readFloat()
    let rank = Int(truncatingIfNeeded: try reader.readVarint())
    exploredRank = rank == 0 ? nil : rank
    timings = StageTimings()
    timings.waited = Int(truncatingIfNeeded: try reader.readVarint())
    timings.candidates = Int(truncatingIfNeeded: try reader.readVarint())
    timings.eligibility = Int(truncatingIfNeeded: try reader.readVarint())
    timings.scoring = Int(truncatingIfNeeded: try reader.readVarint())
    timings.ranking = Int(truncatingIfNeeded: try reader.readVarint())
  }
}

extension RecordedQuestion: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: count)
    for ordinals in [exclude, candidates ?? [], similarTo] {
      writer.write(count: ordinals.count)
      for ordinal in ordinals { writer.write(varint: UInt64(ordinal.rawValue)) }
    }
    writer.write(bool: candidates != nil)
    writer.write(optional: filter) { $0.write(string: $1) }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    count = Int(truncatingIfNeeded: try reader.readVarint())
    exclude = try Self.readOrdinals(&reader)
    let named = try Self.readOrdinals(&reader)
    similarTo = try Self.readOrdinals(&reader)
    candidates = try reader.readBool() ? named : nil
    filter = try reader.readBool() ? try reader.readString() : nil
  }

  private static func readOrdinals(_ reader: inout BinaryReader) throws(BinaryError) -> [ItemOrdinal] {
    let count = try reader.readCount()
    var ordinals: [ItemOrdinal] = []
    ordinals.reserveCapacity(count)
    for _ in 0..<count { ordinals.append(try ItemOrdinal(reading: &reader)) }
    return ordinals
  }
}

extension RecordedItem: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    candidate.encode(into: &writer)
    writer.write(float: propensity)
    writer.write(count: reasons.count)
    for reason in reasons {
      writer.write(string: reason.code)
      writer.write(varint: reason.because.map { UInt64($0.rawValue) + 1 } ?? 0)
      writer.write(string: reason.detail ?? "")
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    candidate = try RecordedCandidate(from: &reader)
    propensity = try reader.readFloat()
    var reasons: [RecordedReason] = []
    for _ in 0..<(try reader.readCount()) {
      let code = try reader.readString()
      let because = try reader.readVarint()
      let detail = try reader.readString()
      reasons.append(
        RecordedReason(
          code: code, because: because == 0 ? nil : ItemOrdinal(UInt32(truncatingIfNeeded: because - 1)),
          detail: detail.isEmpty ? nil : detail))
    }
    self.reasons = reasons
  }
}

extension RecordedCandidate: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(varint: UInt64(item.rawValue))
    writer.write(float: score)
    writer.write(float: boost)
    modelScores.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    item = try ItemOrdinal(reading: &reader)
    score = try reader.readFloat()
    boost = try reader.readFloat()
    modelScores = try ModelScores(from: &reader)
  }
}

extension ModelScores: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: count)
    writer.write(floats: self)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let count = try reader.readCount()
    guard count <= ModelScores.countMax else { throw BinaryError("scores of \(count) models") }
    self.init()
    for _ in 0..<count { append(try reader.readFloat()) }
  }
}

extension RemovedItem: BinaryCodable {
  private static let plainCauses: [Removal] = [
    .unavailable, .outOfStock, .region, .age, .bought, .dismissed, .seen, .excluded, .unknownItem,
  ]

  public func encode(into writer: inout BinaryWriter) {
    writer.write(varint: UInt64(item.rawValue))
    if case .rule(let index, let source, let evidence) = cause {
      writer.write(byte: .max)
      writer.write(count: index.map { $0 + 1 } ?? 0)
      writer.write(string: source)
      writer.write(string: evidence ?? "")
    } else {
      writer.write(byte: UInt8(Self.plainCauses.firstIndex(of: cause) ?? 0))
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    item = try ItemOrdinal(reading: &reader)
    let code = try reader.readByte()
    guard code == .max else {
      guard Int(code) < Self.plainCauses.count else { throw BinaryError("a removal numbered \(code)") }
      cause = Self.plainCauses[Int(code)]
      return
    }
    let index = Int(truncatingIfNeeded: try reader.readVarint())
    let source = try reader.readString()
    let evidence = try reader.readString()
    cause = .rule(index: index == 0 ? nil : index - 1, source: source, evidence: evidence.isEmpty ? nil : evidence)
  }
}

extension BoostGap: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(count: index)
    writer.write(string: source)
    writer.write(string: reason)
    writer.write(count: count)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    index = Int(truncatingIfNeeded: try reader.readVarint())
    source = try reader.readString()
    reason = try reader.readString()
    count = Int(truncatingIfNeeded: try reader.readVarint())
  }
}

extension ItemOrdinal {
  init(reading reader: inout BinaryReader) throws(BinaryError) {
    guard let value = UInt32(exactly: try reader.readVarint()) else { throw BinaryError("an item ordinal too large") }
    self.init(value)
  }
}
