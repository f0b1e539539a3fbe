import Foundation
import Mathematics

/// When a person opens what is sent to it: a curve over the hours of the week, shrunk to its cohort's and that to everybody's.
///
/// Everybody's rate g(h) is the share opened, smoothed over neighbouring hours. A cohort, and then a person, multiplies the curve above it by a
/// level and by a factor for each hour, both of which begin at 1 and move with what was observed against what was expected:
///
///     level = (M + Σ opens) / (M + Σ expected),   expected = rate of the curve above at each send
///     factor(h) = (m + Σ K(h, hᵢ) opensᵢ) / (m + Σ K(h, hᵢ) level · expectedᵢ)
///
/// That is the gamma-Poisson posterior mean for a prior worth m expected opens, with the kernel K of a local likelihood. m is chosen
/// among `Settings.strengths` by how well each send is predicted from a person's other sends, so that people who hardly differ from
/// their cohort are not told apart by chance.
///
/// Without sends, activity stands for opens: expected is then a person's number of acts, spread as the curve above (`init(activity:…)`).
/// - SeeAlso: Clayton & Kaldor, *Empirical Bayes estimates of age-standardized relative risks for use in disease mapping*, Biometrics 43, 1987;
///   Tibshirani & Hastie, *Local likelihood estimation*, JASA 82, 1987.
public struct SendTime: Sendable {
  /// A message and what became of it.
  public struct Send: Sendable, Hashable {
    /// From 0: hours since Monday 00:00, in the person's own zone.
    public let hour: Int
    public let isOpened: Bool

    public init(hour: Int, isOpened: Bool) {
      precondition((0..<WeekKernel.hours).contains(hour), "an hour of the week lies in 0..<168, got \(hour)")
      self.hour = hour
      self.isOpened = isOpened
    }
  }

  public struct Settings: Sendable {
    public var kernel = WeekKernel(hourWidth: 1.5, dayShare: 0.6)
    /// m to choose from, in expected opens; the last is nearly the cohort's curve.
    public var strengths = [0.5, 1, 2, 4, 8, 16, 64, 1_000]
    /// M: what a level is worth at first.
    public var levelStrength = 4.0
    /// People that the choice of m looks at.
    public var peopleMax = 2_000
    /// What intervals hold.
    public var interval = 0.9
    public init() {}
  }

  public enum Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    case nothing
    case nobodyOpens
    case cohorts(found: Int, expected: Int)

    public var description: String {
      switch self {
      case .nothing: "found no sends: nothing says when people open"
      case .nobodyOpens: "nobody opened anything: no hour is better than another"
      case .cohorts(let found, let expected): "found \(found) cohorts, expected one for each of \(expected) people"
      }
    }
  }

  /// What one hour is expected to bring.
  public struct Hour: Sendable, Hashable {
    public let hour: Int
    /// Of opens a send, or of acts.
    public let rate: Double
    public let interval: ClosedRange<Double>
    /// Share of the person's own observations in it, in [0, 1); the rest is its cohort's.
    public let ownShare: Double

    /// Less than half of it is the person's own.
    public var isMostlyCohort: Bool { ownShare < 0.5 }
  }

  private let settings: Settings
  private let people: [[Observation]]
  private let cohortOf: [Int]
  private let cohorts: [[Double]]
  /// g, shape `[168]`.
  public let everybody: [Double]
  /// m as chosen.
  public let strength: Double

  /// Opens at an hour, of so many sends.
  private struct Observation: Sendable {
    let hour: Int
    let opens: Double
    let sends: Double
  }

  /// - Parameters:
  ///   - sends: Of each person, in any order.
  ///   - cohorts: Of each person, from 0.
  /// - Throws: `Refusal` without sends or opens.
  /// - Complexity: O(sends · 168) for the curves, and the choice of m.
  public init(_ sends: [[Send]], cohorts: [Int], settings: Settings = Settings()) throws(Refusal) {
    guard cohorts.count == sends.count else { throw .cohorts(found: cohorts.count, expected: sends.count) }
    let people = sends.map { own in
      Dictionary(grouping: own, by: \.hour).sorted { $0.key < $1.key }.map { hour, list in
        Observation(hour: hour, opens: Double(list.count { $0.isOpened }), sends: Double(list.count))
      }
    }
    try self.init(people: people, cohorts: cohorts, settings: settings)
  }

  /// From acts alone: how many each person did in each hour of the week, shape `[people][168]`.
  ///
  /// A rate is then the share of a person's acts that fall into an hour.
  /// - Throws: `Refusal` without an act.
  public init(activity: [[Int]], cohorts: [Int], settings: Settings = Settings()) throws(Refusal) {
    guard cohorts.count == activity.count else { throw .cohorts(found: cohorts.count, expected: activity.count) }
    let people = activity.map { own in
      precondition(own.count == WeekKernel.hours, "activity has 168 hours, got \(own.count)")
      let total = Double(own.reduce(0, +))
      // Every hour was a chance for each of the acts.
      return total > 0 ? own.indices.map { Observation(hour: $0, opens: Double(own[$0]), sends: total) } : []
    }
    try self.init(people: people, cohorts: cohorts, settings: settings)
  }

  private init(people: [[Observation]], cohorts cohortOf: [Int], settings: Settings) throws(Refusal) {
    guard people.contains(where: { !$0.isEmpty }) else { throw .nothing }
    guard people.contains(where: { $0.contains { $0.opens > 0 } }) else { throw .nobodyOpens }
    self.settings = settings
    self.people = people
    self.cohortOf = cohortOf
    let all = Self.added(people)
    let everybody = Self.smoothedRates(all, settings.kernel)
    self.everybody = everybody
    let cohortCount = (cohortOf.max() ?? -1) + 1
    var members = Array(repeating: [[Observation]](), count: cohortCount)
    for (person, cohort) in cohortOf.enumerated() { members[cohort].append(people[person]) }
    // A cohort has many sends; a weak prior lets it be itself.
    let cohortStrength = 20.0
    cohorts = members.map { own in
      Self.curve(Self.added(own), above: everybody, strength: cohortStrength, settings).map(\.rate)
    }
    let curves = cohorts
    strength = Self.strength(people, cohortOf.map { curves[$0] }, settings)
  }

  public var personCount: Int { people.count }

  /// The rates of a cohort, shape `[168]`.
  public func cohortCurve(_ cohort: Int) -> [Double] { cohorts[cohort] }

  /// Each hour of the week for a person.
  /// - Complexity: O(hours with sends · 168).
  public func curve(_ person: Int) -> [Hour] {
    let reach = (1 + settings.interval) / 2
    return Self.curve(people[person], above: cohorts[cohortOf[person]], strength: strength, settings).enumerated().map {
      hour, own in
      let low = gammaQuantile(1 - reach, shape: own.shape) / own.shape
      let high = gammaQuantile(reach, shape: own.shape) / own.shape
      return Hour(
        hour: hour, rate: own.rate, interval: min(own.rate * low, own.rate)...min(1, own.rate * high),
        ownShare: own.expected / (strength + own.expected))
    }
  }

  /// The hour with the highest rate; of equal ones the first.
  /// - Parameter allowed: Hours that may be chosen, as outside of quiet hours; nil is any.
  /// - Returns: nil when none is allowed.
  public func best(_ person: Int, among allowed: Set<Int>? = nil) -> Hour? {
    curve(person).filter { allowed?.contains($0.hour) ?? true }
      .max { $0.rate == $1.rate ? $0.hour > $1.hour : $0.rate < $1.rate }
  }

  // MARK: The curves

  private struct Estimate {
    let rate: Double
    /// m + opens around the hour: of the factor's gamma distribution.
    let shape: Double
    /// Opens that were expected around the hour.
    let expected: Double
  }

  private static func added(_ people: [[Observation]]) -> [Observation] {
    var opens = Array(repeating: 0.0, count: WeekKernel.hours)
    var sends = opens
    for own in people {
      for row in own {
        opens[row.hour] += row.opens
        sends[row.hour] += row.sends
      }
    }
    return (0..<WeekKernel.hours).filter { sends[$0] > 0 }.map {
      Observation(hour: $0, opens: opens[$0], sends: sends[$0])
    }
  }

  /// (Σ K opens + r) / (Σ K sends + 1) with the share r of all: an hour far from every send has everybody's share.
  private static func smoothedRates(_ rows: [Observation], _ kernel: WeekKernel) -> [Double] {
    let share = rows.reduce(0) { $0 + $1.opens } / rows.reduce(0) { $0 + $1.sends }
    return (0..<WeekKernel.hours).map { hour in
      var (opens, sends) = (share, 1.0)
      for row in rows {
        let weight = kernel[hour, row.hour]
        opens += weight * row.opens
        sends += weight * row.sends
      }
      return opens / sends
    }
  }

  private static func level(_ rows: [Observation], above: [Double], _ settings: Settings) -> Double {
    var (opens, expected) = (settings.levelStrength, settings.levelStrength)
    for row in rows {
      opens += row.opens
      expected += row.sends * above[row.hour]
    }
    return opens / expected
  }

  private static func curve(
    _ rows: [Observation], above: [Double], strength: Double, _ settings: Settings
  ) -> [Estimate] {
    let level = level(rows, above: above, settings)
    return (0..<WeekKernel.hours).map { hour in
      var (opens, expected) = (0.0, 0.0)
      for row in rows {
        let weight = settings.kernel[hour, row.hour]
        opens += weight * row.opens
        expected += weight * row.sends * level * above[row.hour]
      }
      let factor = (strength + opens) / (strength + expected)
      return Estimate(rate: min(1, above[hour] * level * factor), shape: strength + opens, expected: expected)
    }
  }

  /// The m under which each hour's sends of a person are best predicted from its other hours and sends: Σ ln P(opens) of the binomial, with
  /// one send at a time left out.
  private static func strength(_ people: [[Observation]], _ above: [[Double]], _ settings: Settings) -> Double {
    let some = people.indices.filter { people[$0].reduce(0) { $0 + $1.sends } > 1 }
    let step = max(1, some.count / settings.peopleMax)
    var best = (strength: settings.strengths.last ?? 16, value: -Double.infinity)
    for strength in settings.strengths {
      var value = 0.0
      for place in stride(from: 0, to: some.count, by: step) {
        value += leftOutLikelihood(people[some[place]], above[some[place]], strength, settings)
      }
      if value > best.value { best = (strength, value) }
    }
    return best.strength
  }

  private static func leftOutLikelihood(
    _ rows: [Observation], _ above: [Double], _ strength: Double, _ settings: Settings
  ) -> Double {
    let level = level(rows, above: above, settings)
    var sum = 0.0
    for own in rows {
      var (opens, expected) = (0.0, 0.0)
      for row in rows {
        let weight = settings.kernel[own.hour, row.hour]
        opens += weight * row.opens
        expected += weight * row.sends * level * above[row.hour]
      }
      let one = level * above[own.hour]
      func rate(isOpened: Bool) -> Double {
        let factor = (strength + max(0, opens - (isOpened ? 1 : 0))) / (strength + max(0, expected - one))
        return min(max(one * factor, 1e-6), 1 - 1e-6)
      }
      sum += own.opens * log(rate(isOpened: true)) + (own.sends - own.opens) * log(1 - rate(isOpened: false))
    }
    return sum
  }
}
