import Logging
import Primitives

/// Brings the saved state of a large partition into memory while it is at work already: a start waits for what has to be
/// there (catalogue, ledger, models) and reads people on demand, until all of them are in memory.
struct WarmUp: Sendable {
  private static let sections = [
    PartitionState.Section.identifiers, PartitionState.Section.persons, PartitionState.Section.related,
    PartitionState.Section.cuts, PartitionState.Section.outcomes,
  ]

  /// Read at a time.
  private let pageRecords: Int
  private var left = Self.sections
  private var last: [UInt8]?

  init(pageRecords: Int) { self.pageRecords = pageRecords }

  var isOver: Bool { left.isEmpty }

  /// Reads some more.
  /// - Throws: When the saved state cannot be read; then nothing more should be.
  mutating func go(on state: inout PartitionState) throws {
    guard let section = left.first else { return }
    let records = try state.store.stateRecords(section: section, after: last, limit: pageRecords)
    let hasRoom = try state.warm(section, with: records)
    if hasRoom, records.count == pageRecords {
      last = records.last?.key
    } else {
      if hasRoom { state.finishWarming(section) }
      left.removeFirst()
      last = nil
    }
  }
}

extension PartitionState {
  /// - Returns: Whether there was room for all.
  fileprivate mutating func warm(_ section: UInt8, with records: [StateRecord]) throws -> Bool {
    for record in records {
      guard let value = record.value else { continue }
      let hasRoom =
        switch section {
        case Section.identifiers: try identifiers.warm(key: record.key, value: value)
        case Section.persons: try persons.warm(key: record.key, value: value)
        case Section.related: try related.warm(key: record.key, value: value)
        case Section.cuts: try cuts.warm(key: record.key, value: value)
        case Section.outcomes: try outcomes.warm(key: record.key, value: value)
        default: true
        }
      if !hasRoom { return false }
    }
    return true
  }

  fileprivate mutating func finishWarming(_ section: UInt8) {
    switch section {
    case Section.identifiers: identifiers.finishWarming()
    case Section.persons: persons.finishWarming()
    case Section.related: related.finishWarming()
    case Section.cuts: cuts.finishWarming()
    case Section.outcomes: outcomes.finishWarming()
    default: break
    }
  }
}
