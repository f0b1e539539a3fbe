/// Where each item stands in some sequences.
struct ItemPlaces: Sendable {
  struct Place: Sendable, Hashable {
    let sequence: UInt32
    let position: UInt32
  }

  private let offsets: [Int]
  private let places: [Place]

  /// - Complexity: O(items of all sequences).
  init(_ sequences: [[UInt32]], itemCount: Int) {
    var offsets = Array(repeating: 0, count: itemCount + 1)
    for sequence in sequences { for item in sequence { offsets[Int(item) + 1] += 1 } }
    for item in 0..<itemCount { offsets[item + 1] += offsets[item] }
    var next = offsets
    var places = Array(repeating: Place(sequence: 0, position: 0), count: offsets[itemCount])
    for (number, sequence) in sequences.enumerated() {
      for (position, item) in sequence.enumerated() {
        places[next[Int(item)]] = Place(sequence: UInt32(number), position: UInt32(position))
        next[Int(item)] += 1
      }
    }
    self.offsets = offsets
    self.places = places
  }

  /// In order of sequence, then of position.
  func of(_ item: Int) -> ArraySlice<Place> { places[offsets[item]..<offsets[item + 1]] }
}
