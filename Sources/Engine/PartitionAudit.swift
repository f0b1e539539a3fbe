import Events
public import Primitives

/// What an examination of a partition's files found: whether the log can be read whole, and whether the saved state is what
/// the log folds to.
public struct PartitionAudit: Sendable {
  /// By kind of entry.
  public private(set) var entryCounts: [LogEntryKind: Int] = [:]
  public private(set) var end = LogPosition.start
  public private(set) var checkpoint = LogPosition.start
  /// When the newest entry was known.
  public private(set) var newestAt: Timestamp?
  /// What is wrong, in words; empty when nothing is.
  public private(set) var faults: [String] = []
  /// Records of the saved state that were compared with a fold of the log; nil when that was not asked for.
  public private(set) var comparedRecords: Int?

  /// Told of each fault of one kind.
  private static let toldMax = 5
  private static let bytesMax = 1 << 20
  /// Sections whose records depend on the log alone; those of models and of the ledger also on when they were saved.
  private static let sections: [(section: UInt8, name: String)] = [
    (PartitionState.Section.persons, "profiles"), (PartitionState.Section.identifiers, "identifiers"),
    (PartitionState.Section.postings, "postings"), (PartitionState.Section.outcomes, "outcomes"),
    (PartitionState.Section.catalog, "items"), (PartitionState.Section.dwell, "dwell statistics"),
    (PartitionState.Section.related, "related entries"), (PartitionState.Section.cuts, "cuts"),
    (PartitionState.Section.erasedProfiles, "erased profiles"),
  ]

  /// Reads the whole log; with `comparesState` also folds it, which takes its memory and its time.
  ///
  /// - Parameter store: Nobody else's for the time.
  /// - Throws: When the store fails for another cause than damage.
  public init(
    of store: any PartitionStore, configuration: EngineConfiguration, comparesState: Bool,
    progress: (LogPosition) -> Void = { _ in }
  ) throws {
    checkpoint = try store.checkpointPosition()
    var state = comparesState ? PartitionState(store: store, configuration: configuration, isStoreEmpty: true) : nil
    do {
      try read(store, into: &state, progress: progress)
    } catch let error as PartitionStoreError {
      guard case .corrupt(let message) = error else { throw error }
      faults.append("the log cannot be read beyond entry \(end.rawValue): \(message)")
      return
    }
    if checkpoint > end {
      faults.append("the saved state is of entry \(checkpoint.rawValue), beyond the end of the log")
    }
    if var state, checkpoint > .start, checkpoint <= end { try compare(&state, with: store) }
  }

  private mutating func read(
    _ store: any PartitionStore, into state: inout PartitionState?, progress: (LogPosition) -> Void
  ) throws {
    while true {
      let entries = try store.entries(from: end.next, bytesMax: Self.bytesMax)
      guard let newest = entries.last else { return }
      let isFolded = newest.position <= checkpoint
      if isFolded { state?.beginTeaching(entryCount: entries.count) }
      defer { state?.endTeaching() }
      for entry in entries {
        entryCounts[entry.entry.kind, default: 0] += 1
        newestAt = [newestAt, entry.entry.knownAt].compactMap(\.self).max()
        end = entry.position
        guard entry.position <= checkpoint || state == nil else { continue }
        do {
          if state != nil { try state?.fold(entry) } else { try Self.decode(entry.entry) }
        } catch is StoredEvent.Failure {
          // An event that names of today refuse is no damage: every fold leaves it out.
        } catch {
          note("entry \(entry.position.rawValue) cannot be understood: \(error)")
        }
        state?.end = entry.position
      }
      progress(end)
    }
  }

  private mutating func note(_ fault: String) { if faults.count < Self.toldMax { faults.append(fault) } }

  private static func decode(_ entry: LogEntry) throws {
    guard entry.kind == .event else { return }
    var reader = BinaryReader(entry.payload)
    _ = try StoredEvent(from: &reader)
  }

  private mutating func compare(_ state: inout PartitionState, with store: any PartitionStore) throws {
    var folded: [UInt8: [[UInt8]: [UInt8]]] = [:]
    for record in state.beginCheckpoint(carrying: CarriedRecords()).checkpoint().records {
      if let value = record.value { folded[record.section, default: [:]][record.key] = value }
    }
    var compared = 0
    // Dwell statistics keep what people did who were erased; folded again, they lack it.
    let isWhole = entryCounts[.erased] == nil
    for (section, name) in Self.sections where isWhole || section != PartitionState.Section.dwell {
      var (missing, differing, unknown) = (folded[section] ?? [:], 0, 0)
      try store.forEachState(section: section) { key, value in
        compared += 1
        guard let expected = missing.removeValue(forKey: key) else { return unknown += 1 }
        if expected != value { differing += 1 }
      }
      if differing + unknown + missing.count > 0 {
        faults.append(
          "\(name): \(differing) records of the saved state are not what the log folds to, \(missing.count) are missing, "
            + "\(unknown) should not be there")
      }
    }
    comparedRecords = compared
  }
}
