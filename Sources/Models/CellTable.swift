import Primitives

/// Popularity cells by name, of one half-life, at most 512: when there are too many, the one of least weight goes.
struct CellTable: Sendable {
  static let cellsMax = 512

  struct Key: Sendable, Hashable {
    enum Kind: UInt8, Sendable { case device = 1, daypart = 2, region = 3, category = 4, cohort = 5 }
    let kind: Kind
    let name: String

    /// For reasons: `device mobile`, `category Running`.
    var inWords: String {
      switch kind {
      case .device: "device \(name)"
      case .daypart: name
      case .region: "region \(name)"
      case .category: "category \(name)"
      case .cohort: "cohort \(name)"
      }
    }
  }

  private var decay: ForwardDecay
  private var cells: [PopularityCell] = []
  private var keys: [Key] = []
  private var numbers: [Key: Int] = [:]
  private var isChanged: [Bool] = []
  private var dropped: Set<Key> = []

  init(halfLife: Duration) { decay = ForwardDecay(halfLife: halfLife) }

  subscript(key: Key) -> PopularityCell? { numbers[key].map { cells[$0] } }

  /// What a cell's mass is at `now`, or at the newest act when that is earlier, in weights of new acts.
  func mass(of cell: PopularityCell, at now: Timestamp) -> Double {
    let unit = decay.unit(at: now)
    return unit > 0 ? min(cell.mass / unit, 1e30) : 1e30
  }

  /// Makes room for an event at `time`, then gives the weight of one at that time.
  mutating func weight(at time: Timestamp) -> Double {
    if let factor = decay.admit(time) { scale(by: factor) }
    return decay.weight(at: time)
  }

  mutating func add(_ weight: Double, to item: UInt32, in key: Key) {
    if let number = numbers[key] {
      cells[number].add(weight, to: item)
      isChanged[number] = true
    } else {
      if cells.count == Self.cellsMax { dropLeast() }
      append(key, PopularityCell(), isChanged: true)
      cells[cells.count - 1].add(weight, to: item)
      dropped.remove(key)
    }
  }

  private mutating func append(_ key: Key, _ cell: PopularityCell, isChanged: Bool) {
    numbers[key] = cells.count
    keys.append(key)
    cells.append(cell)
    self.isChanged.append(isChanged)
  }

  private mutating func dropLeast() {
    guard let least = cells.indices.min(by: { (cells[$0].mass, $0) < (cells[$1].mass, $1) }) else { return }
    dropped.insert(keys[least])
    numbers[keys[least]] = nil
    let last = cells.count - 1
    if least != last {
      numbers[keys[last]] = least
      cells.swapAt(least, last)
      keys.swapAt(least, last)
      isChanged.swapAt(least, last)
    }
    cells.removeLast()
    keys.removeLast()
    isChanged.removeLast()
  }

  private mutating func scale(by factor: Double) {
    for number in cells.indices { cells[number].scale(by: factor) }
  }

  /// A record for each changed cell; its key is the kind and the name.
  mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    var changes = dropped.map { (key: Self.bytes($0), value: [UInt8]?.none) }
    dropped.removeAll()
    for number in cells.indices where isChanged[number] {
      isChanged[number] = false
      var writer = BinaryWriter(reservingCapacity: 64 + 13 * cells[number].ranking.count)
      decay.encode(into: &writer)
      cells[number].encode(into: &writer)
      changes.append((Self.bytes(keys[number]), writer.bytes))
    }
    return changes.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }

  mutating func restore(key bytes: [UInt8], value: [UInt8]) throws(BinaryError) {
    guard let kind = bytes.first.flatMap(Key.Kind.init), cells.count < Self.cellsMax else {
      throw BinaryError("a popularity cell of an unknown kind, or one too many")
    }
    let key = Key(kind: kind, name: String(decoding: bytes.dropFirst(), as: UTF8.self))
    var reader = BinaryReader(value)
    let restored = try decay.restore(from: &reader)
    var cell = try PopularityCell(from: &reader)
    if let factor = restored.others { scale(by: factor) }
    cell.scale(by: restored.own)
    guard numbers[key] == nil else { throw BinaryError("the cell '\(key.inWords)' twice") }
    append(key, cell, isChanged: false)
  }

  private static func bytes(_ key: Key) -> [UInt8] { [key.kind.rawValue] + Array(key.name.utf8) }
}
