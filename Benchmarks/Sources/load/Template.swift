/// JSON text in which only ids and the time change, each of a fixed width: runs of M (message), U (user), P (product)
/// and T (time) are the places.
struct Template {
  let bytes: [UInt8]
  private let places: [Place]

  struct Place {
    let letter: UInt8
    let range: Range<Int>
  }

  static let message = String(repeating: "M", count: 20)
  static let user = String(repeating: "U", count: 8)
  static let product = String(repeating: "P", count: 8)
  static let time = String(repeating: "T", count: 24)

  init(_ text: String) {
    bytes = Array(text.utf8)
    var places: [Place] = []
    var start = 0
    for index in 1...bytes.count where index == bytes.count || bytes[index] != bytes[start] {
      if index - start >= 8, [0x4D, 0x55, 0x50, 0x54].contains(bytes[start]) {
        places.append(Place(letter: bytes[start], range: start..<index))
      }
      start = index
    }
    self.places = places
  }

  /// What goes into the places of one rendering.
  struct Values {
    /// 8 bytes that no other run has, before the message's number.
    var run: [UInt8] = []
    var message = 0
    var user = 0
    var product = 0
    /// 24 bytes, as in `2026-07-01T12:00:00.000Z`.
    var time: [UInt8] = []
  }

  func append(to buffer: inout [UInt8], _ values: Values) {
    let base = buffer.count
    buffer.append(contentsOf: bytes)
    for place in places {
      let start = base + place.range.lowerBound
      switch place.letter {
      case 0x4D:
        for (offset, byte) in values.run.enumerated() { buffer[start + offset] = byte }
        write(values.message, at: start + 8, width: place.range.count - 8, into: &buffer)
      case 0x55:
        buffer[start] = 0x75
        write(values.user, at: start + 1, width: place.range.count - 1, into: &buffer)
      case 0x50:
        buffer[start] = 0x70
        write(values.product, at: start + 1, width: place.range.count - 1, into: &buffer)
      default:
        for (offset, byte) in values.time.enumerated() { buffer[start + offset] = byte }
      }
    }
  }

  private func write(_ number: Int, at start: Int, width: Int, into buffer: inout [UInt8]) {
    var rest = number
    for index in stride(from: start + width - 1, through: start, by: -1) {
      buffer[index] = UInt8(0x30 + rest % 10)
      rest /= 10
    }
  }
}

/// A small fast generator (SplitMix64): the load is the same for the same seed.
struct Draw {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }

  /// From [0, count), small numbers oftener: a few users and products make most of the traffic.
  mutating func skewed(below count: Int) -> Int {
    let unit = Double(next() >> 11) * 0x1p-53
    return Int(unit * unit * Double(count))
  }

  mutating func uniform(below count: Int) -> Int { Int(next() % UInt64(count)) }
}
