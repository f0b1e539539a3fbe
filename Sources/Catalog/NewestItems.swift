/// The listed items that were published last, by ordinal where it was at once.
///
/// The `exactMax` newest are always right, whatever came and went; some more are kept, so that seldom all items have to be
/// looked at again.
struct NewestItems: Sendable {
  static let exactMax = 256
  private static let keptMax = 1_024

  private struct Entry: Sendable, Comparable {
    let publishedAt: Int64
    let ordinal: UInt32

    static func < (left: Self, right: Self) -> Bool {
      (left.publishedAt, left.ordinal) < (right.publishedAt, right.ordinal)
    }
  }

  /// Ascending.
  private var entries: [Entry] = []
  /// Whether older ones were left out.
  private var isCut = false

  /// Fewer are left than must be exact: all items must be looked at again.
  var isShort: Bool { isCut && entries.count < Self.exactMax }

  mutating func insert(_ ordinal: UInt32, publishedAt: Int64) {
    let entry = Entry(publishedAt: publishedAt, ordinal: ordinal)
    if isCut, let oldest = entries.first, entry < oldest { return }
    entries.insert(entry, at: place(of: entry))
    if entries.count > Self.keptMax {
      entries.removeFirst()
      isCut = true
    }
  }

  mutating func remove(_ ordinal: UInt32, publishedAt: Int64) {
    let entry = Entry(publishedAt: publishedAt, ordinal: ordinal)
    let place = place(of: entry)
    if place < entries.count, entries[place] == entry { entries.remove(at: place) }
  }

  /// Newest first, of those published in `(after, upTo]`, microseconds; at most `limit` and `exactMax`.
  func ordinals(_ limit: Int, after: Int64, upTo: Int64) -> [UInt32] {
    entries.reversed().prefix(Self.exactMax).lazy.filter { $0.publishedAt > after && $0.publishedAt <= upTo }
      .prefix(max(0, limit)).map(\.ordinal)
  }

  private func place(of entry: Entry) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle] < entry { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
