public import Primitives

// The packed forms: the settings in the order in which they are declared, then the weights or the sessions.

extension EASE: SnapshotCodable {
  public static let name = "ease"
  public static let snapshotVersion = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(double: settings.regularization)
    writer.write(number: settings.strongest ?? 0)
    writer.write(word: UInt64(settings.memoryMax))
    weights.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader, version: Int) throws(BinaryError) {
    var settings = Settings()
    settings.regularization = try reader.readDouble()
    let strongest = try reader.readNumber()
    settings.strongest = strongest == 0 ? nil : strongest
    settings.memoryMax = Int(clamping: try reader.readWord())
    let read = settings
    try reader.checked { () throws(TrainingRefusal) in try Self.check(read) }
    self.init(settings: settings, weights: try ItemWeights(from: &reader))
  }
}

extension ItemNeighbours: SnapshotCodable {
  public static let name = "item_neighbours"
  public static let snapshotVersion = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(number: settings.neighbours)
    writer.write(double: settings.shrinkage)
    writer.write(double: settings.asymmetry)
    weights.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader, version: Int) throws(BinaryError) {
    var settings = Settings()
    settings.neighbours = try reader.readNumber()
    settings.shrinkage = try reader.readDouble()
    settings.asymmetry = try reader.readDouble()
    let read = settings
    try reader.checked { () throws(TrainingRefusal) in try Self.check(read) }
    self.init(settings: settings, weights: try ItemWeights(from: &reader))
  }
}

extension TransitionKernel: SnapshotCodable {
  public static let name = "transitions"
  public static let snapshotVersion = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(number: settings.window)
    writer.write(double: settings.gapDecay)
    writer.write(double: settings.backward)
    writer.write(double: settings.rowExponent)
    writer.write(double: settings.columnExponent)
    writer.write(number: settings.seeds)
    writer.write(double: settings.recency)
    weights.encode(into: &writer)
  }

  public init(from reader: inout BinaryReader, version: Int) throws(BinaryError) {
    var settings = Settings()
    settings.window = try reader.readNumber()
    settings.gapDecay = try reader.readDouble()
    settings.backward = try reader.readDouble()
    settings.rowExponent = try reader.readDouble()
    settings.columnExponent = try reader.readDouble()
    settings.seeds = try reader.readNumber()
    settings.recency = try reader.readDouble()
    let read = settings
    try reader.checked { () throws(TrainingRefusal) in try Self.check(read) }
    self.init(settings: settings, weights: try ItemWeights(from: &reader))
  }
}

extension SessionNeighbours: SnapshotCodable {
  public static let name = "session_neighbours"
  public static let snapshotVersion = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(number: settings.sample)
    writer.write(number: settings.neighbours)
    writer.write(number: settings.seeds)
    // 0 is linear.
    switch settings.fading {
    case .linear: writer.write(double: 0)
    case .geometric(let recency): writer.write(double: recency)
    }
    for value in [
      settings.lengthExponent, settings.ageDecay, settings.stepPenalty, settings.distanceDecay, settings.backward,
      settings.rarity,
    ] {
      writer.write(double: value)
    }
    writer.write(word32: UInt32(itemCount))
    writer.write(word32: UInt32(starts.count - 1))
    for (start, end) in zip(starts, starts.dropFirst()) { writer.write(word32: UInt32(end - start)) }
    for item in items { writer.write(word32: item) }
  }

  public init(from reader: inout BinaryReader, version: Int) throws(BinaryError) {
    var settings = Settings()
    settings.sample = try reader.readNumber()
    settings.neighbours = try reader.readNumber()
    settings.seeds = try reader.readNumber()
    let fading = try reader.readDouble()
    settings.fading = fading == 0 ? .linear : .geometric(fading)
    settings.lengthExponent = try reader.readDouble()
    settings.ageDecay = try reader.readDouble()
    settings.stepPenalty = try reader.readDouble()
    settings.distanceDecay = try reader.readDouble()
    settings.backward = try reader.readDouble()
    settings.rarity = try reader.readDouble()
    let read = settings
    try reader.checked { () throws(TrainingRefusal) in try Self.check(read) }
    let itemCount = try reader.readNumber()
    let sessions = try reader.readNumber()
    guard sessions <= reader.remaining / 4 else {
      throw BinaryError("\(reader.remaining) bytes for \(sessions) sessions")
    }
    var starts = [0]
    for _ in 0..<sessions { starts.append(starts[starts.count - 1] + (try reader.readNumber())) }
    let count = starts[sessions]
    // Items that no session holds take memory, and no bytes here that would prove them.
    guard count <= reader.remaining / 4, itemCount <= max(1_000_000, 1_000 * count) else {
      throw BinaryError("\(reader.remaining) bytes for \(count) places of \(itemCount) items")
    }
    var items: [UInt32] = []
    items.reserveCapacity(count)
    for _ in 0..<count { items.append(try reader.readWord32()) }
    guard items.allSatisfy({ $0 < itemCount }) else { throw BinaryError("a session with an item beyond \(itemCount)") }
    self.init(settings: settings, itemCount: itemCount, items: items, starts: starts)
  }
}
