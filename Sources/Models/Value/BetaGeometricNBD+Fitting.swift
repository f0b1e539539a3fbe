import Foundation
import Mathematics
import Synchronization

extension BetaGeometricNBD {
  static let parameterNames = ["r", "alpha", "a", "b"]
  /// As logarithms; α moves with the unit of time.
  private static func bounds(ageMean: Double) -> [ClosedRange<Double>] {
    let range = log(1e-4)...log(1e4)
    return [range, range.lowerBound + log(ageMean)...range.upperBound + log(ageMean), range, range]
  }

  /// The most likely parameters, by Newton's method on the logarithms with exact derivatives: first on at most 20,000 groups,
  /// then, from there, on all.
  ///
  /// - Parameter workers: Threads; the result does not depend on them.
  /// - Returns: Parameters that went to a bound (1e-4 or 1e4, α in units of the mean age) are told by `atBound`: rates that do
  ///   not differ, or nobody who stops.
  /// - Throws: `ValueRefusal` for fewer than 2 customers, when nobody bought again, and when it does not converge.
  /// - Complexity: O(groups) a step, some 15 steps of the sample and 3 of all.
  public static func fit(
    _ data: GroupedHistories, dropout: Dropout = .afterRepeatPurchase, workers: Int = 1
  ) throws(ValueRefusal) -> LikelihoodFit<BetaGeometricNBD> {
    guard data.customerCount > 1 else { throw .tooFewCustomers(data.customerCount) }
    guard data.histories.contains(where: { $0.frequency > 0 }) else {
      throw .nobodyRepeats(customers: data.customerCount)
    }
    let ageMean = zip(data.histories, data.counts).reduce(0) { $0 + $1.0.age * $1.1 } / Double(data.customerCount)
    guard ageMean > 0 else { throw .noTimePassed }
    let bounds = bounds(ageMean: ageMean)
    var point = [log(0.5), log(0.5 * ageMean), log(1), log(2)]
    let sample = data.sample(of: 20_000)
    if sample.histories.count < data.histories.count {
      let likelihood = GroupedLikelihood(
        histories: sample.histories, counts: sample.counts, dropout: dropout, workers: workers)
      point = NewtonMaximiser().maximise(from: point, bounds: bounds, likelihood.curvature).point
    }
    let likelihood = GroupedLikelihood(
      histories: data.histories, counts: data.counts, dropout: dropout, workers: workers)
    // Where hardly anybody leaves, the likelihood is flat along a and b: another beginning may reach its top.
    let beginnings = [point, [log(1), log(ageMean), log(0.2), log(4)], [log(1), log(ageMean), log(1), log(20)]]
    var optimum = NewtonMaximiser().maximise(from: point, bounds: bounds, likelihood.curvature)
    for beginning in beginnings.dropFirst() where !optimum.isConverged {
      optimum = NewtonMaximiser().maximise(from: beginning, bounds: bounds, likelihood.curvature)
    }
    guard optimum.isConverged else { throw .notConverged(model: "BG/NBD", steps: optimum.steps) }
    let p = optimum.point.map { exp($0) }
    return LikelihoodFit(
      BetaGeometricNBD(r: p[0], alpha: p[1], a: p[2], b: p[3], dropout: dropout), names: parameterNames,
      optimum: optimum, logLikelihood: optimum.curvature.value, customers: data.customerCount)
  }
}

/// The log-likelihood of all groups with its derivatives by the logarithms of r, α, a and b.
///
/// What depends on x alone is computed once for each x; a group costs two logarithms and two exponentials.
struct GroupedLikelihood: Sendable {
  let histories: [PurchaseHistory]
  let counts: [Double]
  let dropout: BetaGeometricNBD.Dropout
  let workers: Int
  private let total: Double
  /// Customers of each frequency.
  private let frequencies: [(x: Double, count: Double)]

  init(histories: [PurchaseHistory], counts: [Double], dropout: BetaGeometricNBD.Dropout, workers: Int) {
    self.histories = histories
    self.counts = counts
    self.dropout = dropout
    self.workers = workers
    total = counts.reduce(0, +)
    var counted: [Int: Double] = [:]
    for (history, count) in zip(histories, counts) { counted[history.frequency, default: 0] += count }
    frequencies = counted.sorted { $0.key < $1.key }.map { (Double($0.key), $0.value) }
  }

  func curvature(_ logs: [Double]) -> Curvature {
    let p = logs.map { exp($0) }
    let (r, alpha, a, b) = (p[0], p[1], p[2], p[3])
    let before = Double(dropout.opportunitiesBefore)
    var value = total * (r * log(alpha) - lgamma(r) - logBeta(a, b))
    // By r, α, a, b themselves at first.
    var g = [
      total * (log(alpha) - digamma(r)), total * r / alpha, total * (digamma(a + b) - digamma(a)),
      total * (digamma(a + b) - digamma(b)),
    ]
    var h = Array(repeating: 0.0, count: 16)
    let ab = trigamma(a + b)
    h[0] = -total * trigamma(r)
    h[1] = total / alpha
    h[5] = -total * r / (alpha * alpha)
    h[10] = total * (ab - trigamma(a))
    h[11] = total * ab
    h[15] = total * (ab - trigamma(b))
    for (x, count) in frequencies {
      let y = x + before
      value += count * (lgamma(r + x) + logBeta(a, b + y))
      g[0] += count * digamma(r + x)
      h[0] += count * trigamma(r + x)
      let (sum, sumSlope) = (digamma(a + b + y), trigamma(a + b + y))
      g[2] += count * (digamma(a) - sum)
      g[3] += count * (digamma(b + y) - sum)
      h[10] += count * (trigamma(a) - sumSlope)
      h[11] -= count * sumSlope
      h[15] += count * (trigamma(b + y) - sumSlope)
    }
    let sums = sums(r: r, alpha: alpha, a: a, b: b)
    value += sums.value
    for i in 0..<4 { g[i] += sums.gradient[i] }
    for i in 0..<4 { for j in i..<4 { h[i * 4 + j] += sums.hessian[i * 4 + j] } }
    // By the logarithms: ∂/∂θ = p ∂/∂p, ∂²/∂θᵢ∂θⱼ = pᵢ pⱼ ∂²/∂pᵢ∂pⱼ + [i = j] pᵢ ∂/∂pᵢ.
    var curvature = Curvature(value: value, gradient: (0..<4).map { g[$0] * p[$0] }, hessian: h)
    for i in 0..<4 {
      for j in i..<4 {
        let term = h[i * 4 + j] * p[i] * p[j] + (i == j ? g[i] * p[i] : 0)
        curvature.hessian[i * 4 + j] = term
        curvature.hessian[j * 4 + i] = term
      }
    }
    return curvature
  }

  /// Σ ln[(α+T)^−(r+x) + [y > 0] a/(b+y−1) (α+t_x)^−(r+x)] with its derivatives, in chunks that are added in their order, so that
  /// the sum does not depend on the threads.
  private func sums(r: Double, alpha: Double, a: Double, b: Double) -> Curvature {
    let chunk = 16_384
    let parts = Mutex(Array(repeating: PartialSums?.none, count: (histories.count + chunk - 1) / chunk))
    WorkQueue.share(histories.count, chunk: chunk, workers: workers) { queue in
      while let range = queue.next() {
        var part = PartialSums()
        for index in range { add(index, r: r, alpha: alpha, a: a, b: b, to: &part) }
        let done = part
        parts.withLock { $0[range.lowerBound / chunk] = done }
      }
    }
    var total = PartialSums()
    for part in parts.withLock({ $0 }) { if let part { total.add(part) } }
    return total.curvature
  }

  @inline(__always)
  private func add(_ index: Int, r: Double, alpha: Double, a: Double, b: Double, to part: inout PartialSums) {
    let history = histories[index]
    let count = counts[index]
    let x = Double(history.frequency)
    let y = x + Double(dropout.opportunitiesBefore)
    let exponent = r + x
    let age = 1 / (alpha + history.age)
    let logAge = log(alpha + history.age)
    guard y > 0 else {
      part.value -= count * exponent * logAge
      part.gR -= count * logAge
      part.gAlpha -= count * exponent * age
      part.hRAlpha -= count * age
      part.hAlphaAlpha += count * exponent * age * age
      return
    }
    let recency = 1 / (alpha + history.recency)
    let logRecency = log(alpha + history.recency)
    let place = 1 / (b + y - 1)
    // u: alive, v: stopped at t_x. w = v's share.
    let u = -exponent * logAge
    let v = log(a * place) - exponent * logRecency
    let apart = exp(-abs(v - u))
    let w = v > u ? 1 / (1 + apart) : apart / (1 + apart)
    part.value += count * (max(u, v) + log1p(apart))
    let (alive, stopped) = (count * (1 - w), count * w)
    let both = count * w * (1 - w)
    // ∇v − ∇u
    let dR = logAge - logRecency
    let dAlpha = exponent * (age - recency)
    let dA = 1 / a
    part.gR -= alive * logAge + stopped * logRecency
    part.gAlpha -= exponent * (alive * age + stopped * recency)
    part.gA += stopped * dA
    part.gB -= stopped * place
    part.hRR += both * dR * dR
    part.hRAlpha += both * dR * dAlpha - alive * age - stopped * recency
    part.hRA += both * dR * dA
    part.hRB -= both * dR * place
    part.hAlphaAlpha += both * dAlpha * dAlpha + exponent * (alive * age * age + stopped * recency * recency)
    part.hAlphaA += both * dAlpha * dA
    part.hAlphaB -= both * dAlpha * place
    part.hAA += both * dA * dA - stopped * dA * dA
    part.hAB -= both * dA * place
    part.hBB += both * place * place + stopped * place * place
  }
}

/// Sums over some groups, by name so that they stay in registers.
private struct PartialSums: Sendable {
  var value = 0.0
  var gR = 0.0, gAlpha = 0.0, gA = 0.0, gB = 0.0
  var hRR = 0.0, hRAlpha = 0.0, hRA = 0.0, hRB = 0.0, hAlphaAlpha = 0.0
  var hAlphaA = 0.0, hAlphaB = 0.0, hAA = 0.0, hAB = 0.0, hBB = 0.0

  mutating func add(_ other: PartialSums) {
    value += other.value
    gR += other.gR
    gAlpha += other.gAlpha
    gA += other.gA
    gB += other.gB
    hRR += other.hRR
    hRAlpha += other.hRAlpha
    hRA += other.hRA
    hRB += other.hRB
    hAlphaAlpha += other.hAlphaAlpha
    hAlphaA += other.hAlphaA
    hAlphaB += other.hAlphaB
    hAA += other.hAA
    hAB += other.hAB
    hBB += other.hBB
  }

  /// The upper triangle alone.
  var curvature: Curvature {
    Curvature(
      value: value, gradient: [gR, gAlpha, gA, gB],
      hessian: [hRR, hRAlpha, hRA, hRB, 0, hAlphaAlpha, hAlphaA, hAlphaB, 0, 0, hAA, hAB, 0, 0, 0, hBB])
  }
}
