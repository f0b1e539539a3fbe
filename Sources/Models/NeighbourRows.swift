import Primitives

/// A sparse matrix of decayed weights from item to item, at most `neighboursMax` in a row, with exact sums.
///
/// A newcomer of weight w to a full row whose least entry weighs m takes that entry's place with probability w / (m + w),
/// and the weight m + w: so the expected weight of every item is right, and items that come often stay even where no item
/// dominates. The draw is a hash of the pair and its time, the same in every replay.
///
/// - SeeAlso: Ben Basat, Einziger, Friedman & Kassner, *Randomized admission policy for efficient top-k and frequency
///   estimation*, INFOCOM 2017.
struct NeighbourRows: Sendable {
  struct Row: Sendable {
    /// In order of arrival, not of weight.
    var items: [UInt32] = []
    var weights: [Double] = []
    /// Sum of all weights ever added, those that were not admitted too.
    var sum = 0.0
    /// No entry of a full row weighs less, and this one weighed it when last looked at.
    var least = 0.0
    var leastPlace = -1
  }

  var neighboursMax = 100
  private(set) var rows: [Row] = []
  /// How often each item stood in a pair, decayed but whatever the distance.
  private(set) var pairs: [Double] = []

  /// Counts a pair of both items.
  mutating func note(_ weight: Double, of one: UInt32, and other: UInt32) {
    makeRoom(for: max(one, other))
    pairs[Int(one)] += weight
    pairs[Int(other)] += weight
  }

  private mutating func makeRoom(for item: UInt32) {
    guard Int(item) >= rows.count else { return }
    let missing = Int(item) + 1 - rows.count
    rows.append(contentsOf: repeatElement(Row(), count: missing))
    pairs.append(contentsOf: repeatElement(0, count: missing))
  }

  /// Adds to a row of an item that was noted.
  /// - Parameter salt: What makes the draws of this pair differ from those of other pairs of the same items.
  mutating func add(_ weight: Double, from: UInt32, to: UInt32, salt: UInt64) {
    rows[Int(from)].sum += weight
    guard weight > 0 else { return }
    Self.add(weight, to: to, in: &rows[Int(from)], neighboursMax: neighboursMax) {
      Self.draw(UInt64(from) << 32 | UInt64(to), salt)
    }
  }

  @inline(__always)
  private static func add(
    _ weight: Double, to item: UInt32, in row: inout Row, neighboursMax: Int, draw: () -> Double
  ) {
    if let place = row.items.place(of: item) {
      row.weights[place] += weight
      if place == row.leastPlace { row.leastPlace = -1 }
    } else if row.items.count < neighboursMax {
      row.items.append(item)
      row.weights.append(weight)
    } else {
      if row.leastPlace < 0 {
        row.leastPlace = row.weights.leastPlace
        row.least = row.weights[row.leastPlace]
      }
      guard draw() * (row.least + weight) < weight else { return }
      row.items[row.leastPlace] = item
      row.weights[row.leastPlace] += weight
      row.leastPlace = -1
    }
  }

  /// In [0, 1): SplitMix64's finaliser over pair and salt.
  @inline(__always)
  private static func draw(_ pair: UInt64, _ salt: UInt64) -> Double {
    var word = pair &* 0x9E37_79B9_7F4A_7C15 ^ salt
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return Double((word ^ word >> 31) >> 11) * 0x1p-53
  }

  subscript(item: UInt32) -> Row? { Int(item) < rows.count ? rows[Int(item)] : nil }

  mutating func scale(by factor: Double) {
    for index in rows.indices {
      rows[index].sum *= factor
      pairs[index] *= factor
      rows[index].leastPlace = -1
      for place in rows[index].weights.indices { rows[index].weights[place] *= factor }
    }
  }

  func encode(_ item: UInt32, into writer: inout BinaryWriter) {
    let row = rows[Int(item)]
    writer.write(double: row.sum)
    writer.write(double: pairs[Int(item)])
    writer.write(packed: row.items)
    writer.write(packed: row.weights)
  }

  /// - Parameter factor: What the stored weights are multiplied by.
  mutating func restore(_ item: UInt32, factor: Double, from reader: inout BinaryReader) throws(BinaryError) {
    var row = Row()
    row.sum = try reader.readDouble() * factor
    let pairs = try reader.readDouble() * factor
    row.items = try reader.readPackedWords()
    row.weights = try reader.readPackedDoubles()
    guard row.items.count == row.weights.count else {
      throw BinaryError("a row with more items than weights, or fewer")
    }
    if factor != 1 { for place in row.weights.indices { row.weights[place] *= factor } }
    makeRoom(for: item)
    rows[Int(item)] = row
    self.pairs[Int(item)] = pairs
  }
}

extension [Double] {
  /// The first place of the least value; 0 when there is none.
  var leastPlace: Int {
    withUnsafeBufferPointer { values in
      var least = 0
      for place in values.indices where values[place] < values[least] { least = place }
      return least
    }
  }
}

extension [UInt32] {
  /// The first place of `item`, looking at eight at a time.
  @inline(__always)
  func place(of item: UInt32) -> Int? {
    withUnsafeBufferPointer { items in
      guard let base = items.baseAddress else { return nil }
      let wanted = SIMD8<UInt32>(repeating: item)
      var place = 0
      while place + 8 <= items.count {
        let eight = UnsafeRawPointer(base + place).loadUnaligned(as: SIMD8<UInt32>.self)
        if any(eight .== wanted) {
          while items[place] != item { place += 1 }
          return place
        }
        place += 8
      }
      while place < items.count {
        if items[place] == item { return place }
        place += 1
      }
      return nil
    }
  }
}
