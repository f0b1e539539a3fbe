public import Catalog
public import Features
import Foundation
import Mathematics
import Primitives

/// Why no cohorts were found.
public enum CohortRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// Of so many people with enough acts.
  case fewPeople(Int)
  case noCategories
  case oneCategory(String)
  case allAlike
  /// No number of groups was found again in another half of the people.
  case unstable(best: Double, groups: Int)
  case stopped

  public var description: String {
    switch self {
    case .fewPeople(let count):
      "found \(count) people with at least \(CohortSpace.actsMin) acts, expected at least \(CohortFinder.peopleMin); "
        + "cohorts come with more people"
    case .noCategories:
      "no item that people act on has a category in the catalogue, so that nothing tells what they are interested in; "
        + "load a catalogue with 'categories'"
    case .oneCategory(let name):
      "all items that people act on are of the category '\(name)', and nothing else tells people apart"
    case .allAlike: "everybody does the same"
    case .unstable(let best, let groups):
      "no grouping holds: at best, with \(groups) groups, two halves of the people agree by \(best.inHundredths) "
        + "(adjusted Rand index), expected at least \(CohortFinder.stabilityMin.inHundredths); people may not fall into "
        + "groups, or more of their acts are needed"
    case .stopped: "looking for cohorts was stopped"
    }
  }
}

/// Finds cohorts: people are directions (`CohortSpace`), grouped by `SphericalKMeans`; as many groups as hold best
/// (`ClusterStability`).
///
/// A block of the space counts by its reliability: how much one half of a person's visits tells of the other half,
/// r' = 2 r / (1 + r) with the correlation r of the halves (Spearman-Brown); below `reliabilityMin` it does not count. Times
/// of day that are chance cannot cut people apart that way.
public struct CohortFinder: Sendable {
  public static let peopleMin = 50
  /// Of a cohort, on average.
  static let peopleEachMin = 15
  public static let stabilityMin = 0.5
  static let reliabilityMin: Float = 0.3
  /// People that the number of groups is chosen with.
  static let trialPeopleMax = 3_000
  static let likingsMax = 100
  /// Of a cohort, for it to tell what it likes; and of those who like an item of that. An erasure leaves a set as it
  /// is, so that nothing may stand in it that one person alone did.
  static let likingPeopleMin = 5
  static let likersMin = 3
  private static let likingHalfLife: Double = 7 * 86_400

  public var seed: UInt64 = 0
  /// Numbers of groups that are tried.
  var groups = 2...CohortSet.countMax
  var stability = {
    var stability = ClusterStability()
    (stability.splits, stability.clustering.starts) = (8, 6)
    return stability
  }()
  var clustering = {
    var clustering = SphericalKMeans()
    clustering.starts = 30
    return clustering
  }()
  /// Asked again and again; true ends the work.
  public var isOver: @Sendable () -> Bool = { false }

  public init() {}

  /// - Parameters:
  ///   - histories: Acts of each person, oldest first; those with too few are left out.
  ///   - previous: The set in force: cohorts that are found again keep their ids and names.
  /// - Complexity: Dominated by O(groups · trial people · columns) products for each number of groups.
  public func cohorts(
    in histories: [[Interaction]], catalog: ItemCatalog, previous: CohortSet? = nil
  ) throws(CohortRefusal) -> CohortSet {
    let people = histories.map { Array($0.suffix(CohortSpace.actsMax)) }.filter { $0.count >= CohortSpace.actsMin }
    guard people.count >= Self.peopleMin else { throw .fewPeople(people.count) }
    let (space, counts) = try self.space(of: people, catalog: catalog)
    let known = counts.indices.filter { space.direction(of: counts[$0]) != nil }
    guard known.count >= Self.peopleMin else { throw .fewPeople(known.count) }
    let rows = FloatMatrix(
      rowCount: known.count, columnCount: space.columnCount,
      values: known.flatMap { space.direction(of: counts[$0]) ?? [] })
    guard (1..<rows.rowCount).contains(where: { rows[$0] != rows[0] }) else { throw .allAlike }

    var generator = SeededGenerator(seed: seed)
    let choice = try groupCount(for: rows, using: &generator)
    let fit = clustering.fit(rows, k: choice.groups, using: &generator, isOver: isOver)
    if isOver() { throw .stopped }
    let members = (0..<choice.groups).map { group in known.indices.filter { fit.groups[$0] == group } }
    let end = known.compactMap { people[$0].last?.at }.max() ?? Timestamp(microseconds: 0)
    let described = CohortDescriptions(space: space, counts: known.map { counts[$0] }, members: members)
    var cohorts = members.indices.filter { !members[$0].isEmpty }.map { group in
      Cohort(
        id: "", name: described.names[group], centre: Array(fit.centres[group]), people: members[group].count,
        drivers: described.drivers[group],
        likings: Self.likings(of: members[group].map { people[known[$0]] }, at: end))
    }
    cohorts.sort { ($1.people, $0.name) < ($0.people, $1.name) }
    var set = CohortSet(
      space: space, cohorts: cohorts, people: known.count, stability: choice.stability, until: end,
      nextNumber: previous?.nextNumber ?? 1)
    set.takeIdentity(of: previous, among: known.map { people[$0] }, catalog: catalog)
    return set
  }

  /// The number of groups that holds best; of equal ones the larger.
  private func groupCount(
    for rows: FloatMatrix, using generator: inout SeededGenerator
  ) throws(CohortRefusal) -> (groups: Int, stability: Double) {
    let trial =
      rows.rowCount > Self.trialPeopleMax
      ? rows.rows((0..<rows.rowCount).shuffled(using: &generator).prefix(Self.trialPeopleMax).sorted()) : rows
    var best: (groups: Int, stability: Double)?
    let most = max(2, trial.rowCount / Self.peopleEachMin)
    for groups in groups where groups <= most {
      // Every number is tried on the same halves.
      var own = generator
      let agreement = stability.stability(of: groups, on: trial, using: &own, isOver: isOver)
      guard let agreement, !isOver() else { throw .stopped }
      if agreement.mean >= best?.stability ?? -1 { best = (groups, agreement.mean) }
    }
    guard let best, best.stability >= Self.stabilityMin else {
      throw .unstable(best: best?.stability ?? 0, groups: best?.groups ?? 0)
    }
    return best
  }

  // MARK: The space

  private func space(
    of people: [[Interaction]], catalog: ItemCatalog
  ) throws(CohortRefusal) -> (CohortSpace, counts: [[Float]]) {
    var acts: [UInt32: Int] = [:]
    for act in people.joined() where ActStrength.attention(act) > 0 {
      for category in catalog.categories(of: act.item) { acts[category, default: 0] += 1 }
    }
    guard !acts.isEmpty else { throw .noCategories }
    let categories = acts.sorted { ($1.value, catalog.categoryName($0.key)) < ($0.value, catalog.categoryName($1.key)) }
      .prefix(CohortSpace.categoriesMax).map { catalog.categoryName($0.key) }
    var space = CohortSpace(
      categories: categories, average: [Float](repeating: 0, count: CohortSpace.columnCount(categories.count)),
      weights: [1, 0, 0])
    let byCategory = space.columnsByCategory(in: catalog)
    let counts = people.map { space.counts(of: $0, byCategory: byCategory, catalog: catalog) }
    space.average = Self.average(of: counts, in: space)

    var reliability = self.reliability(of: people, in: space, byCategory, catalog)
    if categories.count == 1 { reliability[CohortSpace.Block.interests.rawValue] = 0 }
    let sum = reliability.reduce(0, +)
    guard sum > 0 else {
      if categories.count == 1 { throw .oneCategory(categories[0]) }
      throw .unstable(best: 0, groups: 0)
    }
    space.weights = reliability.map { $0 / sum }
    return (space, counts)
  }

  /// The mean of people's shares in each block, of those who have any.
  private static func average(of counts: [[Float]], in space: CohortSpace) -> [Float] {
    var sums = [Double](repeating: 0, count: space.columnCount)
    for block in CohortSpace.Block.allCases {
      let columns = space.columns(of: block)
      var known = 0.0
      for count in counts {
        let mass = columns.reduce(Float(0)) { $0 + count[$1] }
        guard mass > 0 else { continue }
        known += 1
        for column in columns { sums[column] += Double(count[column] / mass) }
      }
      for column in columns { sums[column] = known > 0 ? sums[column] / known : 1 / Double(columns.count) }
    }
    return sums.map(Float.init)
  }

  /// Of each block, by `CohortSpace.Block`, 0 where it is below `reliabilityMin`. Interests alone count where too few people
  /// came twice.
  private func reliability(
    of people: [[Interaction]], in space: CohortSpace, _ byCategory: [UInt32: Int], _ catalog: ItemCatalog
  ) -> [Float] {
    let halves = people.compactMap { acts -> [[Float]]? in
      let visits = Self.visits(acts)
      guard visits.count > 1 else { return nil }
      return [0, 1].map { half in
        let acts = visits.enumerated().filter { $0.offset % 2 == half }.flatMap(\.element)
        return space.counts(of: acts, byCategory: byCategory, catalog: catalog)
      }
    }
    guard halves.count >= Self.peopleMin / 2 else { return [1, 0, 0] }
    return CohortSpace.Block.allCases.map { block in
      let columns = space.columns(of: block)
      var (both, ofFirst, ofSecond) = (0.0, 0.0, 0.0)
      for half in halves {
        let masses = half.map { counts in columns.reduce(Float(0)) { $0 + counts[$1] } }
        guard masses.allSatisfy({ $0 > 0 }) else { continue }
        for column in columns {
          let (x, y) = (
            Double(half[0][column] / masses[0] - space.average[column]),
            Double(half[1][column] / masses[1] - space.average[column])
          )
          both += x * y
          ofFirst += x * x
          ofSecond += y * y
        }
      }
      let spread = (ofFirst * ofSecond).squareRoot()
      guard spread > 0, both > 0 else { return 0 }
      let correlation = both / spread
      let reliability = Float(2 * correlation / (1 + correlation))
      return reliability < Self.reliabilityMin ? 0 : reliability
    }
  }

  private static func visits(_ acts: [Interaction]) -> [[Interaction]] {
    var visits: [[Interaction]] = []
    for act in acts {
      if let last = visits.last?.last, act.at - last.at < CohortSpace.visitGap {
        visits[visits.count - 1].append(act)
      } else {
        visits.append([act])
      }
    }
    return visits
  }

  // MARK: Likings

  private static func likings(of people: [[Interaction]], at end: Timestamp) -> [Cohort.Liking] {
    guard people.count >= likingPeopleMin else { return [] }
    var weights: [ItemOrdinal: Double] = [:]
    var likers: [ItemOrdinal: Int] = [:]
    for acts in people {
      var liked: Set<ItemOrdinal> = []
      for act in acts {
        let (age, liking) = (Double(end.microseconds - act.at.microseconds) / 1e6, ActStrength.liking(act))
        weights[act.item, default: 0] += liking * exp2(-age / likingHalfLife)
        if liking > 0, liked.insert(act.item).inserted { likers[act.item, default: 0] += 1 }
      }
    }
    return weights.filter { $0.value > 1e-6 && likers[$0.key, default: 0] >= likersMin }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(likingsMax)
      .map { Cohort.Liking(item: $0.key, weight: Float($0.value)) }
  }
}

extension Double {
  /// `0.41`
  fileprivate var inHundredths: String { String(format: "%.2f", self) }
}
