public import Engine
public import Primitives

extension SortableID {
  /// Ids in the order of their numbers.
  public static func example(_ number: Int) -> SortableID {
    SortableID(high: UInt64(number) << 40, low: UInt64(number) &* 0x9E37_79B9_7F4A_7C15)
  }
}

extension LogEntry {
  /// Entries that differ when their numbers do.
  public static func example(_ number: Int, key: SortableID? = nil) -> LogEntry {
    LogEntry(
      kind: key == nil ? .event : .decision, knownAt: Timestamp(seconds: Int64(number)), key: key,
      payload: Array("entry \(number)".utf8))
  }

  /// An entry with a payload of `byteCount` bytes.
  public static func example(byteCount: Int) -> LogEntry {
    LogEntry(
      kind: .event, knownAt: Timestamp(seconds: Int64(byteCount)),
      payload: (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ byteCount) })
  }

  /// Every kind, with and without a key, extreme times, and payloads from none to more than a row of any backend holds.
  public static var edgeCases: [LogEntry] {
    let times = [0, -1, Int64.min, Int64.max].map { Timestamp(microseconds: $0) }
    let kinds = LogEntryKind.allCases.flatMap { kind in
      times.map { LogEntry(kind: kind, knownAt: $0, payload: [kind.rawValue]) }
    }
    let keys = [SortableID(high: 0, low: 0), SortableID(high: .max, low: .max), SortableID(high: 1 << 63, low: 1)]
    let keyed = keys.map { LogEntry(kind: .decision, knownAt: times[0], key: $0, payload: []) }
    let sizes = [0, 1, 65_535, 65_536, 400_000, 1].map { LogEntry.example(byteCount: $0) }
    return kinds + keyed + sizes
  }
}

extension PartitionStore {
  /// Takes the partition and appends `entries` in one commit.
  /// - Returns: The epoch.
  @discardableResult public func append(_ entries: [LogEntry]) throws(PartitionStoreError) -> UInt64 {
    let epoch = try acquire()
    try commit(PartitionCommit(epoch: epoch, after: try end(), entries: entries))
    return epoch
  }
}
