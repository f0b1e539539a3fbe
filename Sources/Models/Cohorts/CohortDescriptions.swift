import Catalog
import Features

/// What sets groups of people apart, and names made of it.
struct CohortDescriptions {
  /// Drivers of a group, at most.
  static let driversMax = 6
  /// Less of a lift is not told.
  static let liftMin: Float = 1.25
  /// Less of a share is not told.
  static let shareMin: Float = 0.05
  private static let featureBytesMax = 60

  /// Most first, shape `[groups][…]`.
  private(set) var drivers: [[Cohort.Driver]] = []
  /// No two are the same, shape `[groups]`.
  private(set) var names: [String] = []

  /// - Parameters:
  ///   - counts: Of each person, shape `[people][space.columnCount]`.
  ///   - members: People of each group, as places in `counts`.
  init(space: CohortSpace, counts: [[Float]], members: [[Int]]) {
    for group in members { drivers.append(Self.drivers(of: group.map { counts[$0] }, in: space)) }
    names = Self.unique(drivers.map(Self.name(of:)), drivers: drivers)
  }

  /// Columns by what they add to the divergence of the group from the average, p · ln(p / q), times the weight of the block.
  private static func drivers(of counts: [[Float]], in space: CohortSpace) -> [Cohort.Driver] {
    var found: [(driver: Cohort.Driver, force: Float)] = []
    for block in CohortSpace.Block.allCases where space.weights[block.rawValue] > 0 {
      let columns = space.columns(of: block)
      var sums = [Float](repeating: 0, count: columns.count)
      var known: Float = 0
      for count in counts {
        let mass = columns.reduce(Float(0)) { $0 + count[$1] }
        guard mass > 0 else { continue }
        known += 1
        for (place, column) in columns.enumerated() { sums[place] += count[column] / mass }
      }
      guard known > 0 else { continue }
      for (place, column) in columns.enumerated() where space.average[column] > 0 {
        let (share, average) = (sums[place] / known, space.average[column])
        let lift = share / average
        guard lift >= liftMin, share >= shareMin else { continue }
        // (p − q) rather than p · ln(p/q): the same order for what matters, and no logarithm that differs between machines.
        found.append(
          (
            Cohort.Driver(block: block.name, feature: space.feature(column), share: share, lift: lift),
            space.weights[block.rawValue] * share * (1 - 1 / lift)
          ))
      }
    }
    found.sort { ($1.force, $0.driver.feature) < ($0.force, $1.driver.feature) }
    return found.prefix(driversMax).map(\.driver)
  }

  /// `Evenings · drama, crime`: parts of the day, then interests (a second one if it is at least half as strong), then habits.
  private static func name(of drivers: [Cohort.Driver]) -> String { name(of: drivers, interestsMax: 2, secondMin: 0.5) }

  private static func name(of drivers: [Cohort.Driver], interestsMax: Int, secondMin: Float) -> String {
    func ofBlock(_ block: CohortSpace.Block) -> [Cohort.Driver] { drivers.filter { $0.block == block.name } }
    let times = ofBlock(.times).prefix(1).compactMap { timeWords[$0.feature] }
    let all = ofBlock(.interests)
    let interests = all.filter {
      $0.share * ($0.lift - 1) >= secondMin * all[0].share * (all[0].lift - 1) / all[0].lift
    }
    .prefix(interestsMax).map { shortened($0.feature) }
    let habits = ofBlock(.habits).prefix(1).compactMap { habitWords[$0.feature] }
    let parts = times + (interests.isEmpty ? [] : [interests.joined(separator: ", ")]) + habits
    return parts.isEmpty ? "A bit of everything" : parts.joined(separator: " · ")
  }

  private static let timeWords = [
    "night": "Nights", "morning": "Mornings", "afternoon": "Afternoons", "evening": "Evenings",
  ]
  private static let habitWords = [
    "looking": "browse", "keeping": "save for later", "buying": "buy", "rating": "rate", "refusing": "refuse",
  ]

  /// Without control characters, cut to a length that a table can show.
  private static func shortened(_ name: String) -> String {
    var text = String(name.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(Character.init))
    while text.utf8.count > featureBytesMax { text.removeLast() }
    return text
  }

  /// Those that would be the same say more, and in the end are numbered.
  private static func unique(_ names: [String], drivers: [[Cohort.Driver]]) -> [String] {
    var names = names
    for group in names.indices where names.count(where: { $0 == names[group] }) > 1 {
      names[group] = name(of: drivers[group], interestsMax: 4, secondMin: 0)
    }
    return numbered(names)
  }

  /// Later ones of the same name get a number.
  static func numbered(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      var (free, number) = (name, 2)
      while !taken.insert(free).inserted {
        free = "\(name) \(number)"
        number += 1
      }
      return free
    }
  }
}

extension CohortSpace.Block {
  var name: String {
    switch self {
    case .interests: "interests"
    case .habits: "habits"
    case .times: "times"
    }
  }
}

extension CohortSpace {
  /// A column in a word: `drama`, `buying`, `evening`.
  func feature(_ column: Int) -> String {
    switch block(of: column) {
    case .interests: categories[column]
    case .habits: "\(Habit.allCases[column - columns(of: .habits).lowerBound])"
    case .times: "\(Time.allCases[column - columns(of: .times).lowerBound])"
    }
  }
}
