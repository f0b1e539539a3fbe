/// Rows of values one after another in one array: reading many rows follows no pointers, and a row costs 8 bytes beyond its
/// values.
///
/// A row that outgrows its place moves to the end; when more than half is left behind, everything moves together.
struct PackedRows<Value: Sendable>: Sendable {
  struct Place: Sendable {
    fileprivate(set) var start: UInt32 = 0
    fileprivate(set) var count: UInt32 = 0

    @inline(__always) var range: Range<Int> { Int(start)..<Int(start) + Int(count) }
  }

  private var values: [Value] = []
  private var places: [Place] = []
  private var leftBehind = 0

  /// Empty for a row that was never set.
  subscript(row: UInt32) -> ArraySlice<Value> { values[place(of: row).range] }

  /// Where a row stands in `withValues`.
  @inline(__always)
  func place(of row: UInt32) -> Place { Int(row) < places.count ? places[Int(row)] : Place() }

  @inline(__always)
  func withValues<Result>(_ body: (UnsafeBufferPointer<Value>) -> Result) -> Result {
    values.withUnsafeBufferPointer(body)
  }

  /// - Complexity: O(row), amortised over many.
  mutating func set(_ row: UInt32, to new: [Value]) {
    if Int(row) >= places.count {
      if new.isEmpty { return }
      places.append(contentsOf: repeatElement(Place(), count: Int(row) + 1 - places.count))
    }
    let old = places[Int(row)]
    if new.count <= old.count {
      values.replaceSubrange(old.range.prefix(new.count), with: new)
      leftBehind += Int(old.count) - new.count
      places[Int(row)].count = UInt32(new.count)
    } else {
      leftBehind += Int(old.count)
      places[Int(row)] = Place(start: UInt32(values.count), count: UInt32(new.count))
      values += new
    }
    if leftBehind > values.count / 2 { moveTogether() }
  }

  private mutating func moveTogether() {
    var moved: [Value] = []
    moved.reserveCapacity(values.count - leftBehind)
    for row in places.indices {
      let start = UInt32(moved.count)
      moved += values[places[row].range]
      places[row].start = start
    }
    values = moved
    leftBehind = 0
  }
}
