public import Primitives

/// What a log entry says of trained models.
enum ModelEntry: Sendable, Hashable, BinaryCodable {
  /// A training ended; its model is in force unless the run was refused.
  case trained(ModelRun)
  /// A model of before is in force again; 0 for none.
  case activated(Int)
  /// More about a training than its run says.
  case noted(ModelNote)
  /// A model left by itself, since it did harm.
  case withdrawn(ModelWithdrawal)

  func encode(into writer: inout BinaryWriter) {
    switch self {
    case .trained(let run):
      writer.write(byte: 1)
      run.encode(into: &writer)
    case .activated(let version):
      writer.write(byte: 2)
      writer.write(count: version)
    case .noted(let note):
      writer.write(byte: 3)
      note.encode(into: &writer)
    case .withdrawn(let withdrawal):
      writer.write(byte: 4)
      withdrawal.encode(into: &writer)
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    switch try reader.readByte() {
    case 1: self = .trained(try ModelRun(from: &reader))
    case 2: self = .activated(try reader.readTotal())
    case 3: self = .noted(try ModelNote(from: &reader))
    case 4: self = .withdrawn(try ModelWithdrawal(from: &reader))
    case let other: throw BinaryError("a model entry of kind \(other)")
    }
  }
}

/// The trainings of a workspace, and which model is in force.
public struct ModelRegistry: Sendable, Hashable, BinaryCodable {
  /// Runs that are kept in memory; the log has all.
  public static let runsMax = 200
  /// Models whose files are kept.
  public static let filesMax = 30

  /// The latest, oldest first.
  public private(set) var runs: [ModelRun] = []
  /// Versions that were in force, in this order, the last of them now; each once, at most `filesMax`. Empty while none is.
  public private(set) var champions: [Int] = []
  public private(set) var lastVersion = 0
  /// By version, of the runs that are kept.
  public private(set) var notes: [Int: ModelNote] = [:]
  /// Models that left by themselves, oldest first; the latest `runsMax`.
  public private(set) var withdrawals: [ModelWithdrawal] = []

  public init() {}

  /// The version that is meant to serve; nil for none.
  public var champion: Int? { champions.last }

  /// What a rollback brings back: 0 for none.
  public var before: Int? { champions.isEmpty ? nil : champions.dropLast().last ?? 0 }

  public func run(_ version: Int) -> ModelRun? { runs.last { $0.version == version } }

  /// Versions whose files may be needed: those that a rollback leads to, the champion first, then the latest of the others that
  /// were let in, which can be activated, and by which decisions were made.
  public var wantedFiles: [Int] {
    let others = runs.reversed().filter { $0.refusal == nil && !champions.contains($0.version) }.map(\.version)
    return Array((champions.reversed() + others).prefix(Self.filesMax))
  }

  /// - Returns: Whether another model is in force than before.
  mutating func fold(_ entry: ModelEntry) -> Bool {
    let earlier = champion
    switch entry {
    case .trained(let run):
      runs.append(run)
      if runs.count > Self.runsMax { dropRun() }
      lastVersion = max(lastVersion, run.version)
      if run.refusal == nil { bring(run.version) }
    case .noted(let note): notes[note.version] = note
    case .withdrawn(let withdrawal):
      withdrawals.append(withdrawal)
      if withdrawals.count > Self.runsMax { withdrawals.removeFirst() }
      // Another may have come into force since the harm was seen.
      if champion == withdrawal.version { leave(for: withdrawal.successor) }
      // Not even a later rollback leads to it.
      champions.removeAll { $0 == withdrawal.version }
    case .activated(let version): leave(for: version)
    }
    return champion != earlier
  }

  private mutating func leave(for version: Int) {
    // Rolling back drops what it leaves, so that the next rollback goes further back.
    if let place = champions.lastIndex(of: version) {
      champions.removeSubrange((place + 1)...)
    } else if version == 0 {
      champions = []
    } else {
      bring(version)
    }
  }

  private mutating func bring(_ version: Int) {
    champions.removeAll { $0 == version }
    champions.append(version)
    if champions.count > Self.filesMax { champions.removeFirst() }
  }

  /// The oldest whose file is not kept.
  private mutating func dropRun() {
    let wanted = Set(wantedFiles)
    if let place = runs.firstIndex(where: { !wanted.contains($0.version) }) {
      notes[runs[place].version] = nil
      runs.remove(at: place)
    }
  }

  public func encode(into writer: inout BinaryWriter) {
    writer.write(list: runs)
    writer.write(count: champions.count)
    for version in champions { writer.write(varint: UInt64(version)) }
    writer.write(varint: UInt64(lastVersion))
    writer.write(list: notes.values.sorted { $0.version < $1.version })
    writer.write(list: withdrawals)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    runs = try reader.readList(of: ModelRun.self)
    for _ in 0..<(try reader.readCount()) { champions.append(try reader.readTotal()) }
    lastVersion = try reader.readTotal()
    for note in try reader.readList(of: ModelNote.self) { notes[note.version] = note }
    withdrawals = try reader.readList(of: ModelWithdrawal.self)
  }
}
