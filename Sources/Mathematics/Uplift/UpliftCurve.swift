/// What a treatment adds among the people with the highest scores, from a randomised experiment, for every size of that group.
///
/// People stand by score, the highest first; those with equal scores come in together. With N_t, N_c the treated and the others
/// among the first n, and Y_t, Y_c the sums of their outcomes, a point of the curve is
///
///     Qini:    Y_t − Y_c · N_t / N_c          uplift:  (Y_t / N_t − Y_c / N_c) · n
///
/// where a quotient by 0 counts as 0. A coefficient is (area − diagonal's) / (area of the perfect ranking − diagonal's), with areas by
/// trapezoids from (0, 0), and the diagonal to the curve's last point. The perfect ranking knows the outcomes.
/// Definitions are those of scikit-uplift 0.5.1, ties included; other packages normalise differently.
/// - SeeAlso: Radcliffe, *Using control groups to target on predicted lift*, 2007; Gutierrez & Gérardy, PMLR 67, 2017.
public struct UpliftCurve: Sendable {
  public struct Point: Sendable, Hashable {
    /// People in the group.
    public let count: Double
    public let value: Double
  }

  public enum Ordinate: Sendable, Hashable { case qini, uplift }

  public let treated: [Bool]
  public let outcomes: [Double]
  /// Places of the people, the highest score first; among equals the last comes first.
  public let order: [Int]
  /// Places in `order` after which another score begins.
  private let ends: [Int]
  private let perfectQini: Ranking
  /// nil when outcomes are not 0 and 1.
  private let perfectUplift: Ranking?

  private struct Ranking: Sendable {
    let order: [Int]
    let ends: [Int]

    init(_ scores: [Double]) {
      order = scores.indices.sorted { scores[$0] == scores[$1] ? $0 > $1 : scores[$0] > scores[$1] }
      var ends: [Int] = []
      for place in order.indices.dropLast() where scores[order[place]] != scores[order[place + 1]] {
        ends.append(place + 1)
      }
      if !order.isEmpty { ends.append(order.count) }
      self.ends = ends
    }
  }

  /// - Parameters:
  ///   - scores: Numbers (no NaN), one a person.
  ///   - outcomes: Numbers; those of a yes and no are 1 and 0.
  /// - Complexity: O(n log n).
  public init(scores: [Double], treated: [Bool], outcomes: [Double]) {
    precondition(scores.count == treated.count && scores.count == outcomes.count)
    precondition(scores.allSatisfy { !$0.isNaN } && outcomes.allSatisfy(\.isFinite), "scores and outcomes are numbers")
    self.treated = treated
    self.outcomes = outcomes
    let own = Ranking(scores)
    (order, ends) = (own.order, own.ends)
    perfectQini = Ranking(zip(outcomes, treated).map { $1 ? $0 : -$0 })
    if outcomes.allSatisfy({ $0 == 0 || $0 == 1 }) {
      let persons = zip(outcomes, treated)
      let controlResponders = persons.count { $0 == 1 && !$1 }
      let treatedOthers = persons.count { $0 == 0 && $1 }
      perfectUplift = Ranking(
        zip(outcomes, treated).map { outcome, treated in
          let arm = treated ? 1.0 : 0
          return (outcome == arm ? 2 : 0) + (controlResponders > treatedOthers ? outcome : arm)
        })
    } else {
      perfectUplift = nil
    }
  }

  /// The curve, from (0, 0).
  public func points(_ ordinate: Ordinate) -> [Point] { points(ordinate, order, ends, nil) }

  /// The best that any ranking could do.
  /// - Returns: nil for uplift when outcomes are not 0 and 1.
  public func perfectPoints(_ ordinate: Ordinate) -> [Point]? {
    guard let ranking = ordinate == .qini ? perfectQini : perfectUplift else { return nil }
    return points(ordinate, ranking.order, ranking.ends, nil)
  }

  /// The coefficient: 0 for a ranking by chance, 1 for the perfect one, below 0 for one that is worse than chance.
  ///
  /// - Parameter weights: How often each person counts, as in a bootstrap; nil once each.
  /// - Returns: nil when the perfect ranking is no better than chance, or outcomes do not fit the ordinate.
  /// - Complexity: O(n).
  public func coefficient(_ ordinate: Ordinate, weights: [Double]? = nil) -> Double? {
    guard let ranking = ordinate == .qini ? perfectQini : perfectUplift else { return nil }
    let own = points(ordinate, order, ends, weights)
    let perfect = points(ordinate, ranking.order, ranking.ends, weights)
    guard let last = perfect.last else { return nil }
    let diagonal = last.count * last.value / 2
    let room = Self.area(perfect) - diagonal
    return room > 0 ? (Self.area(own) - diagonal) / room : nil
  }

  /// The Qini coefficient when nobody is harmed by the treatment: the perfect curve rises to the whole effect at once and stays.
  public func qiniWithoutHarm() -> Double? {
    let points = points(.qini)
    guard let last = points.last, last.value > 0 else { return nil }
    // All outcomes above the controls' rate are won with as many people.
    let perfect = last.value * last.value / 2 + last.value * (last.count - last.value)
    let diagonal = last.count * last.value / 2
    return perfect > diagonal ? (Self.area(points) - diagonal) / (perfect - diagonal) : nil
  }

  /// Σ of trapezoids under the points.
  public static func area(_ points: [Point]) -> Double {
    zip(points, points.dropFirst()).reduce(0) { $0 + ($1.1.count - $1.0.count) * ($1.1.value + $1.0.value) / 2 }
  }

  public enum Cut: Sendable, Hashable {
    /// The first share of all.
    case overall
    /// The first share of each arm.
    case byArm
  }

  /// Mean outcome of the treated minus that of the others, in the share with the highest scores; whole people, rounded down.
  ///
  /// - Returns: nil when an arm is not among them.
  public func uplift(atShare share: Double, _ cut: Cut = .overall) -> Double? {
    precondition(share > 0 && share <= 1)
    var people: [Int]
    switch cut {
    case .overall: people = Array(order.prefix(Int(Double(order.count) * share)))
    case .byArm:
      people = [true, false].flatMap { arm in
        let own = order.filter { treated[$0] == arm }
        return own.prefix(Int(Double(own.count) * share))
      }
    }
    return Self.difference(people, treated, outcomes)?.difference
  }

  /// Treated minus others among these people, with its variance; nil when an arm is empty.
  static func difference(
    _ people: some Sequence<Int>, _ treated: [Bool], _ outcomes: [Double]
  ) -> (difference: Double, variance: Double)? {
    var (own, other) = (RunningMoments(), RunningMoments())
    for person in people { if treated[person] { own.add(outcomes[person]) } else { other.add(outcomes[person]) } }
    guard own.count > 0, other.count > 0 else { return nil }
    let variance = (own.variance ?? .infinity) / Double(own.count) + (other.variance ?? .infinity) / Double(other.count)
    return (own.mean - other.mean, variance)
  }

  private func points(_ ordinate: Ordinate, _ order: [Int], _ ends: [Int], _ weights: [Double]?) -> [Point] {
    var points = [Point(count: 0, value: 0)]
    points.reserveCapacity(ends.count + 1)
    var (treatedCount, otherCount, treatedSum, otherSum) = (0.0, 0.0, 0.0, 0.0)
    var place = 0
    for end in ends {
      while place < end {
        let person = order[place]
        let weight = weights?[person] ?? 1
        if treated[person] {
          treatedCount += weight
          treatedSum += weight * outcomes[person]
        } else {
          otherCount += weight
          otherSum += weight * outcomes[person]
        }
        place += 1
      }
      let count = treatedCount + otherCount
      let value: Double
      switch ordinate {
      case .qini: value = treatedSum - (otherCount > 0 ? otherSum * treatedCount / otherCount : 0)
      case .uplift:
        let rate = treatedCount > 0 ? treatedSum / treatedCount : 0
        value = (rate - (otherCount > 0 ? otherSum / otherCount : 0)) * count
      }
      points.append(Point(count: count, value: value))
    }
    return points
  }
}
