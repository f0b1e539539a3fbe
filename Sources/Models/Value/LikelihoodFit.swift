import Foundation
import Mathematics

/// A model fitted by maximum likelihood, with what its parameters could as well have been.
public struct LikelihoodFit<Model: Sendable>: Sendable {
  public struct Parameter: Sendable, Hashable {
    public let name: String
    public let value: Double
    /// From the observed information; nil where the parameter rests at its bound or the data do not determine it.
    public let standardError: Double?
  }

  public let model: Model
  public let logLikelihood: Double
  public let customers: Int
  public let parameters: [Parameter]
  /// Of the logarithms of the parameters, shape `[n, n]`; zero rows for those at a bound.
  public let logCovariance: [Double]
  public let steps: Int
  /// Parameters that went as far as they may: what they describe is not in the data.
  public var atBound: [String] { zip(parameters, isAtBound).filter(\.1).map(\.0.name) }
  private let isAtBound: [Bool]

  /// All parameters are positive and fitted as logarithms, so that no step leaves their range.
  init(
    _ model: Model, names: [String], optimum: NewtonMaximiser.Optimum, logLikelihood: Double, customers: Int
  ) {
    self.model = model
    self.logLikelihood = logLikelihood
    self.customers = customers
    steps = optimum.steps
    isAtBound = optimum.isAtBound
    let n = names.count
    let free = (0..<n).filter { !optimum.isAtBound[$0] }
    var information: [Double] = []
    for row in free { for column in free { information.append(-optimum.curvature.hessian[row * n + column]) } }
    let inverse = CholeskyFactor(information, size: free.count)?.inverse
    var covariance = Array(repeating: 0.0, count: n * n)
    if let inverse {
      for (i, row) in free.enumerated() {
        for (j, column) in free.enumerated() { covariance[row * n + column] = inverse[i * free.count + j] }
      }
    }
    logCovariance = covariance
    parameters = (0..<n).map { index in
      let value = exp(optimum.point[index])
      let isKnown = inverse != nil && !optimum.isAtBound[index]
      // Delta method: d exp(θ) = exp(θ) dθ.
      return Parameter(
        name: names[index], value: value,
        standardError: isKnown ? value * covariance[index * n + index].squareRoot() : nil)
    }
  }

  /// √(gᵀ Σ g): the standard error of a quantity with this gradient by the logarithms of the parameters (delta method).
  public func standardError(logGradient gradient: [Double]) -> Double {
    let n = parameters.count
    var variance = 0.0
    for i in 0..<n { for j in 0..<n { variance += gradient[i] * gradient[j] * logCovariance[i * n + j] } }
    return max(0, variance).squareRoot()
  }
}
