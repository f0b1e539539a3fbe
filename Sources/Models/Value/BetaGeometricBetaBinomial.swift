import Foundation
import Mathematics

/// Who takes one of n regular opportunities (a yearly gift, a conference), and who has stopped: the BG/BB model.
///
/// While alive somebody takes an opportunity with probability p ~ Beta(α, β), and stops before each one with θ ~ Beta(γ, δ).
///
///     L = B(α+x, β+n−x)/B(α, β) · B(γ, δ+n)/B(γ, δ)
///       + Σ_{i=0}^{n−t_x−1} B(α+x, β+t_x−x+i)/B(α, β) · B(γ+1, δ+t_x+i)/B(γ, δ)
///
/// It serves reference cases; no command uses it.
/// - SeeAlso: Fader, Hardie & Shang, *Customer-base analysis in a discrete-time noncontractual setting*, Marketing
///   Science 29(6), 2010.
public struct BetaGeometricBetaBinomial: Sendable, Hashable {
  public let alpha: Double
  public let beta: Double
  public let gamma: Double
  public let delta: Double

  /// - Parameters: All positive.
  public init(alpha: Double, beta: Double, gamma: Double, delta: Double) {
    precondition(alpha > 0 && beta > 0 && gamma > 0 && delta > 0, "α, β, γ and δ are positive")
    self.alpha = alpha
    self.beta = beta
    self.gamma = gamma
    self.delta = delta
  }

  /// How many people had these opportunities and took them so.
  public struct Group: Sendable, Hashable {
    /// x: opportunities taken.
    public let taken: Int
    /// t_x: the last one taken, from 1; 0 for none.
    public let last: Int
    /// n
    public let opportunities: Int
    public let people: Double

    public init(taken: Int, last: Int, opportunities: Int, people: Double) {
      precondition(taken >= 0 && taken <= last && last <= opportunities && people > 0 && (taken > 0 || last == 0))
      self.taken = taken
      self.last = last
      self.opportunities = opportunities
      self.people = people
    }
  }

  public func logLikelihood(_ group: Group) -> Double {
    let (x, last, n) = (Double(group.taken), Double(group.last), Double(group.opportunities))
    var terms = [logBeta(alpha + x, beta + n - x) + logBeta(gamma, delta + n)]
    for i in 0..<(group.opportunities - group.last) {
      terms.append(
        logBeta(alpha + x, beta + last - x + Double(i)) + logBeta(gamma + 1, delta + last + Double(i)))
    }
    let greatest = terms.max() ?? 0
    let sum = terms.reduce(0) { $0 + exp($1 - greatest) }
    return greatest + log(sum) - logBeta(alpha, beta) - logBeta(gamma, delta)
  }

  /// The most likely parameters, by Newton's method with numerical derivatives.
  /// - Throws: `ValueRefusal` for fewer than 2 people, or when it does not converge.
  public static func fit(_ groups: [Group]) throws(ValueRefusal) -> LikelihoodFit<BetaGeometricBetaBinomial> {
    let people = groups.reduce(0) { $0 + $1.people }
    guard people > 1 else { throw .tooFewCustomers(Int(people)) }
    guard groups.contains(where: { $0.taken > 0 }) else { throw .nobodyRepeats(customers: Int(people)) }
    func value(_ logs: [Double]) -> Double {
      let p = logs.map { exp($0) }
      let model = BetaGeometricBetaBinomial(alpha: p[0], beta: p[1], gamma: p[2], delta: p[3])
      return groups.reduce(0) { $0 + $1.people * model.logLikelihood($1) }
    }
    let optimum = NewtonMaximiser().maximise(
      from: [0, 0, 0, 0], bounds: Array(repeating: log(1e-3)...log(1e4), count: 4)
    ) { numericalCurvature(at: $0, value) }
    guard optimum.isConverged else { throw .notConverged(model: "BG/BB", steps: optimum.steps) }
    let p = optimum.point.map { exp($0) }
    return LikelihoodFit(
      BetaGeometricBetaBinomial(alpha: p[0], beta: p[1], gamma: p[2], delta: p[3]),
      names: ["alpha", "beta", "gamma", "delta"], optimum: optimum, logLikelihood: optimum.curvature.value,
      customers: Int(people))
  }
}
