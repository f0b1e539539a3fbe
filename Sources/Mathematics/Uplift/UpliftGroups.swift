/// People by predicted uplift in groups of equal size, with what the treatment really did in each.
public struct UpliftGroups: Sendable {
  public struct Group: Sendable, Hashable {
    public let count: Int
    public let scoreMean: Double
    /// Lowest and highest score in it.
    public let scores: ClosedRange<Double>
    /// Treated minus others, with Welch's interval; or why it cannot be said.
    public let effect: DifferenceReadout
    public let treatedMean: Double
    public let controlMean: Double
  }

  /// The highest scores first.
  public let groups: [Group]

  /// - Parameters:
  ///   - count: Groups; sizes differ by one at most.
  ///   - level: Coverage of the intervals.
  public init(_ curve: UpliftCurve, scores: [Double], count: Int, level: Double) {
    precondition(count > 0 && scores.count == curve.order.count)
    let total = curve.order.count
    let used = min(count, total)
    // The first groups take the one person more that is left.
    func start(_ number: Int) -> Int { number * (total / max(1, used)) + min(number, total % max(1, used)) }
    groups = (0..<used).map { number in
      let people = curve.order[start(number)..<start(number + 1)]
      var (treated, control, score) = (RunningMoments(), RunningMoments(), RunningMoments())
      for person in people {
        score.add(scores[person])
        if curve.treated[person] { treated.add(curve.outcomes[person]) } else { control.add(curve.outcomes[person]) }
      }
      let low = people.last.map { scores[$0] } ?? 0
      return Group(
        count: people.count, scoreMean: score.mean, scores: low...(people.first.map { scores[$0] } ?? low),
        effect: welchDifference(treatment: ArmEstimate(treated), control: ArmEstimate(control), level: level),
        treatedMean: treated.mean, controlMean: control.mean)
    }
  }

  /// Σ N_t · effect / Σ N_t with N_t the treated of each group (scikit-uplift's weighted average uplift, strategy `overall`). Groups
  /// without both arms are passed over.
  public func weightedAverage(_ curve: UpliftCurve) -> Double? {
    var (sum, weight) = (0.0, 0.0)
    var place = 0
    for group in groups {
      let people = curve.order[place..<place + group.count]
      place += group.count
      guard let found = UpliftCurve.difference(people, curve.treated, curve.outcomes) else { continue }
      let treated = Double(people.count { curve.treated[$0] })
      sum += treated * found.difference
      weight += treated
    }
    return weight > 0 ? sum / weight : nil
  }
}
