public import Primitives

/// What a log entry says of predictions.
enum PredictionEntry: Sendable, Hashable, BinaryCodable {
  /// A training ended; its model is in force unless the run was refused.
  case trained(PredictionRun)
  /// A model of before is in force again; 0 for none.
  case activated(prediction: String, version: Int)

  func encode(into writer: inout BinaryWriter) {
    switch self {
    case .trained(let run):
      writer.write(byte: 1)
      run.encode(into: &writer)
    case .activated(let prediction, let version):
      writer.write(byte: 2)
      writer.write(string: prediction)
      writer.write(count: version)
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    switch try reader.readByte() {
    case 1: self = .trained(try PredictionRun(from: &reader))
    case 2: self = .activated(prediction: try reader.readString(), version: try reader.readTotal())
    case let other: throw BinaryError("an entry of a prediction, of kind \(other)")
    }
  }
}

/// The trainings of a workspace's predictions, and which models are in force.
public struct PredictionRegistry: Sendable, Hashable, BinaryCodable {
  /// Runs that are kept in memory; the log has all.
  public static let runsMax = 400
  /// Models whose files are kept, of one prediction.
  public static let filesMax = 10

  /// The latest, oldest first.
  public private(set) var runs: [PredictionRun] = []
  /// Of each prediction the versions that were in force, in this order, the last of them now; each once.
  public private(set) var champions: [String: [Int]] = [:]
  public private(set) var lastVersion = 0

  public init() {}

  public func run(_ version: Int) -> PredictionRun? { runs.last { $0.version == version } }

  /// The last training of a prediction, whatever came of it.
  public func last(of prediction: String) -> PredictionRun? { runs.last { $0.prediction == prediction } }

  /// The version that is meant to serve; nil for none.
  public func champion(of prediction: String) -> Int? { champions[prediction]?.last }

  /// What a rollback brings back: 0 for none; nil while none is in force.
  public func before(of prediction: String) -> Int? {
    guard let versions = champions[prediction], !versions.isEmpty else { return nil }
    return versions.dropLast().last ?? 0
  }

  /// Versions whose files may be needed: those that a rollback leads to, and the latest others that were let in.
  public var wantedFiles: Set<Int> {
    var wanted: Set<Int> = []
    for prediction in Set(runs.map(\.prediction)) {
      let own = champions[prediction] ?? []
      let others = runs.reversed().filter {
        $0.prediction == prediction && $0.refusal == nil && !own.contains($0.version)
      }
      wanted.formUnion((own.reversed() + others.map(\.version)).prefix(Self.filesMax))
    }
    return wanted
  }

  mutating func fold(_ entry: PredictionEntry) {
    switch entry {
    case .trained(let run):
      runs.append(run)
      if runs.count > Self.runsMax { dropRun() }
      lastVersion = max(lastVersion, run.version)
      if run.refusal == nil { bring(run.version, run.prediction) }
    case .activated(let prediction, let version):
      // Rolling back drops what it leaves, so that the next rollback goes further back.
      if let place = champions[prediction]?.lastIndex(of: version) {
        champions[prediction]?.removeSubrange((place + 1)...)
      } else if version == 0 {
        champions[prediction] = nil
      } else {
        bring(version, prediction)
      }
    }
  }

  private mutating func bring(_ version: Int, _ prediction: String) {
    var versions = (champions[prediction] ?? []).filter { $0 != version }
    versions.append(version)
    champions[prediction] = Array(versions.suffix(Self.filesMax))
  }

  /// The oldest whose file is not kept.
  private mutating func dropRun() {
    let wanted = wantedFiles
    if let place = runs.firstIndex(where: { !wanted.contains($0.version) }) { runs.remove(at: place) }
  }

  public func encode(into writer: inout BinaryWriter) {
    writer.write(list: runs)
    writer.write(count: champions.count)
    for (prediction, versions) in champions.sorted(by: { $0.key < $1.key }) {
      writer.write(string: prediction)
      writer.write(count: versions.count)
      for version in versions { writer.write(varint: UInt64(version)) }
    }
    writer.write(varint: UInt64(lastVersion))
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    runs = try reader.readList(of: PredictionRun.self)
    for _ in 0..<(try reader.readCount()) {
      let prediction = try reader.readString()
      var versions: [Int] = []
      for _ in 0..<(try reader.readCount()) { versions.append(try reader.readTotal()) }
      champions[prediction] = versions
    }
    lastVersion = try reader.readTotal()
  }
}
