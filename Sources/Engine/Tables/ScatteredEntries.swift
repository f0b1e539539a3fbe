import Primitives

/// Entries of a log in an order of one's own: some thousands at a time are read in the order of the log, which is many to
/// a read, and then given in the order asked for.
struct ScatteredEntries {
  private static let windowCount = 20_000
  private static let bytesMax = 64 << 10

  private let store: any PartitionStore
  private let positions: [UInt64]
  private var next = 0
  private var window: [UInt64: PositionedEntry] = [:]

  /// - Parameter positions: In the order in which the entries are wanted; each is that of an entry, once.
  init(_ positions: [UInt64], in store: any PartitionStore) {
    self.positions = positions
    self.store = store
  }

  /// The next entry; nil after the last.
  mutating func read() throws -> PositionedEntry? {
    guard next < positions.count else { return nil }
    if window.isEmpty { try fill() }
    defer { next += 1 }
    return window.removeValue(forKey: positions[next])
  }

  private mutating func fill() throws {
    let wanted = Set(positions[next...].prefix(Self.windowCount))
    var last: UInt64 = 0
    for position in wanted.sorted() where position > last {
      for entry in try store.entries(from: LogPosition(position), bytesMax: Self.bytesMax) {
        last = entry.position.rawValue
        if wanted.contains(last) { window[last] = entry }
      }
    }
  }
}
