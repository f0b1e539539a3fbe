public import Catalog
public import Features
public import Primitives

/// People who behave alike, as they were found.
public struct Cohort: Sendable, Hashable {
  /// What sets a cohort apart.
  public struct Driver: Sendable, Hashable {
    /// `interests`, `habits` or `times`.
    public let block: String
    /// `drama`, `buying`, `evening`.
    public let feature: String
    /// Its share in what the cohort's people do, in [0, 1].
    public let share: Float
    /// That share over the average person's.
    public let lift: Float

    public init(block: String, feature: String, share: Float, lift: Float) {
      (self.block, self.feature, self.share, self.lift) = (block, feature, share, lift)
    }
  }

  /// What the cohort's people like, with how much; for a beginning of its popularity.
  public struct Liking: Sendable, Hashable {
    public let item: ItemOrdinal
    /// Likings of the window, those of a week before its end counting half.
    public let weight: Float

    public init(item: ItemOrdinal, weight: Float) { (self.item, self.weight) = (item, weight) }
  }

  /// The same as long as a cohort is found again: `c3`.
  public internal(set) var id: String
  /// `Evenings · drama, crime`; no two cohorts have the same.
  public internal(set) var name: String
  /// Of length 1, shape `[space.columnCount]`.
  public let centre: [Float]
  /// People of the training in it.
  public let people: Int
  /// What sets it apart, most first.
  public let drivers: [Driver]
  /// Most liked first.
  public internal(set) var likings: [Liking]

  public init(
    id: String, name: String, centre: [Float], people: Int, drivers: [Driver], likings: [Liking] = []
  ) {
    (self.id, self.name, self.centre, self.people) = (id, name, centre, people)
    (self.drivers, self.likings) = (drivers, likings)
  }
}

/// The cohorts of a workspace as one training found them.
public struct CohortSet: Sendable, Hashable {
  /// Most cohorts of a set.
  public static let countMax = 24

  public let space: CohortSpace
  public internal(set) var cohorts: [Cohort]
  /// People they were found in.
  public let people: Int
  /// The adjusted Rand index of groupings by two halves of the people, in [−1, 1]: see `ClusterStability`.
  public let stability: Double
  /// The latest act that they were found by.
  public let until: Timestamp
  /// The number that the next cohort gets that nobody has met before.
  public internal(set) var nextNumber: Int

  public init(
    space: CohortSpace, cohorts: [Cohort], people: Int, stability: Double, until: Timestamp, nextNumber: Int
  ) {
    (self.space, self.cohorts, self.people) = (space, cohorts, people)
    (self.stability, self.until, self.nextNumber) = (stability, until, nextNumber)
  }
}

/// Places people by what they did: the same acts and the same set give the same cohort.
public struct CohortPlacing: Sendable {
  public let set: CohortSet
  private let byCategory: [UInt32: Int]

  /// - Parameter catalog: As it is when people are placed: categories keep their numbers.
  public init(_ set: CohortSet, catalog: ItemCatalog) {
    self.set = set
    byCategory = set.space.columnsByCategory(in: catalog)
  }

  /// The place of somebody's cohort in the set; nil for fewer than `CohortSpace.actsMin` acts, and for acts that say nothing.
  /// - Parameter history: Oldest first; the latest `CohortSpace.actsMax` count.
  /// - Complexity: O(acts + cohorts · columns).
  public func place(_ history: [Interaction], catalog: ItemCatalog) -> Int? {
    let acts = history.suffix(CohortSpace.actsMax)
    guard acts.count >= CohortSpace.actsMin else { return nil }
    return place(counts: set.space.counts(of: acts, byCategory: byCategory, catalog: catalog))
  }

  /// The cohort's, as `place` finds it.
  public func cohort(_ history: [Interaction], catalog: ItemCatalog) -> Cohort? {
    place(history, catalog: catalog).map { set.cohorts[$0] }
  }

  func place(counts: [Float]) -> Int? {
    guard let direction = set.space.direction(of: counts) else { return nil }
    var best: (place: Int, product: Float)?
    for (place, cohort) in set.cohorts.enumerated() {
      var product: Float = 0
      for column in direction.indices { product += direction[column] * cohort.centre[column] }
      if product > best?.product ?? -.infinity { best = (place, product) }
    }
    return best?.place
  }
}

// MARK: - Coding

extension CohortSet: BinaryCodable {
  private static let format: UInt8 = 1

  public func encode(into writer: inout BinaryWriter) {
    writer.write(byte: Self.format)
    space.encode(into: &writer)
    writer.write(list: cohorts)
    writer.write(count: people)
    writer.write(double: stability)
    writer.write(time: until)
    writer.write(count: nextNumber)
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let format = try reader.readByte()
    guard format == Self.format else {
      throw BinaryError("cohorts of format \(format), expected \(Self.format): a later program wrote them")
    }
    space = try CohortSpace(from: &reader)
    cohorts = try reader.readList(of: Cohort.self)
    people = Int(clamping: try reader.readVarint())
    stability = try reader.readDouble()
    until = try reader.readTime()
    nextNumber = Int(clamping: try reader.readVarint())
    for cohort in cohorts where cohort.centre.count != space.columnCount {
      throw BinaryError("a cohort with \(cohort.centre.count) columns of \(space.columnCount)")
    }
  }
}

extension Cohort: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    writer.write(string: id)
    writer.write(string: name)
    writer.write(count: centre.count)
    writer.write(floats: centre)
    writer.write(count: people)
    writer.write(count: drivers.count)
    for driver in drivers {
      writer.write(string: driver.block)
      writer.write(string: driver.feature)
      writer.write(float: driver.share)
      writer.write(float: driver.lift)
    }
    writer.write(count: likings.count)
    for liking in likings {
      writer.write(varint: UInt64(liking.item.rawValue))
      writer.write(float: liking.weight)
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    id = try reader.readString()
    name = try reader.readString()
    var centre: [Float] = []
    for _ in 0..<(try reader.readCount()) { centre.append(try reader.readFloat()) }
    self.centre = centre
    people = Int(clamping: try reader.readVarint())
    var drivers: [Driver] = []
    for _ in 0..<(try reader.readCount()) {
      drivers.append(
        Driver(
          block: try reader.readString(), feature: try reader.readString(), share: try reader.readFloat(),
          lift: try reader.readFloat()))
    }
    self.drivers = drivers
    likings = []
    for _ in 0..<(try reader.readCount()) {
      guard let item = UInt32(exactly: try reader.readVarint()) else { throw BinaryError("an item beyond 32 bits") }
      likings.append(Liking(item: ItemOrdinal(item), weight: try reader.readFloat()))
    }
  }
}
