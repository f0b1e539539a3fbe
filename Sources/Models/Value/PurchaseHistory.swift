/// What models of repeat buying know of a customer, in any unit of time that all customers share.
public struct PurchaseHistory: Sendable, Hashable {
  /// x: purchases after the first one.
  public var frequency: Int
  /// t_x: from the first purchase to the last one; 0 when there was no other.
  public var recency: Double
  /// T: from the first purchase to the end of what was seen.
  public var age: Double

  public init(frequency: Int, recency: Double, age: Double) {
    self.frequency = frequency
    self.recency = recency
    self.age = age
  }

  /// Why this cannot be a history; nil when it can.
  public var fault: String? {
    guard recency.isFinite, age.isFinite else { return "recency and T are to be numbers, found \(recency) and \(age)" }
    if frequency < 0 { return "a number of purchases is not negative, found \(frequency)" }
    if recency < 0 { return "a time is not negative, found recency \(recency)" }
    if recency > age { return "the last purchase stands after the end of what was seen: recency \(recency), T \(age)" }
    if frequency == 0, recency > 0 { return "no repeat purchase, yet recency \(recency); expected 0" }
    if frequency > 0, recency == 0 {
      return "\(frequency) repeat purchases at recency 0; purchases of one moment are one"
    }
    return nil
  }
}

/// Histories with how many customers have each: what a likelihood needs of any number of customers.
///
/// Likelihoods are sums over customers, and equal histories add equal terms; customers without a repeat purchase, usually
/// most of them, differ by T alone.
public struct GroupedHistories: Sendable {
  public let histories: [PurchaseHistory]
  /// Customers of each, at least 1.
  public let counts: [Double]
  /// For each customer its place in `histories`.
  public let groups: [Int32]

  public var customerCount: Int { groups.count }

  /// - Complexity: O(customers), by a table with open addressing.
  /// - Throws: `ValueRefusal` for nobody, for what cannot be a history, and beyond two thousand million customers.
  public init(_ customers: [PurchaseHistory]) throws(ValueRefusal) {
    guard !customers.isEmpty else { throw .tooFewCustomers(0) }
    guard customers.count < Int(Int32.max) else { throw .tooManyCustomers(customers.count) }
    var slots = Array(repeating: Int32(-1), count: 1 << (64 - (customers.count * 2).leadingZeroBitCount))
    let mask = slots.count - 1
    var histories: [PurchaseHistory] = []
    var counts: [Double] = []
    var groups: [Int32] = []
    groups.reserveCapacity(customers.count)
    for (index, customer) in customers.enumerated() {
      if let fault = customer.fault { throw .notAHistory(customer: index, fault) }
      var slot = Int(truncatingIfNeeded: Self.mixed(customer)) & mask
      while slots[slot] >= 0, histories[Int(slots[slot])] != customer { slot = (slot + 1) & mask }
      if slots[slot] < 0 {
        slots[slot] = Int32(histories.count)
        histories.append(customer)
        counts.append(0)
      }
      counts[Int(slots[slot])] += 1
      groups.append(slots[slot])
    }
    self.histories = histories
    self.counts = counts
    self.groups = groups
  }

  /// Every so many-th group, at most `count` of them: enough to come near the answer quickly.
  func sample(of count: Int) -> (histories: [PurchaseHistory], counts: [Double]) {
    let step = max(1, histories.count / count)
    let places = stride(from: 0, to: histories.count, by: step)
    return (places.map { histories[$0] }, places.map { counts[$0] })
  }

  private static func mixed(_ history: PurchaseHistory) -> UInt64 {
    var word = UInt64(truncatingIfNeeded: history.frequency) &* 0x9E37_79B9_7F4A_7C15
    word = (word ^ history.recency.bitPattern) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 31 ^ history.age.bitPattern) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 29
  }
}

/// Why customer value cannot be said.
public enum ValueRefusal: Error, Sendable, Equatable, CustomStringConvertible {
  case tooFewCustomers(Int)
  case tooManyCustomers(Int)
  /// - Parameter customer: Its place from 0.
  case notAHistory(customer: Int, String)
  case nobodyRepeats(customers: Int)
  case noTimePassed
  case notASpend(customer: Int, String)
  case tooFewSpenders(Int)
  case allSpendAlike(Double)
  /// The spend's distribution has a tail so heavy that it has no mean.
  case noMeanSpend(q: Double)
  case notConverged(model: String, steps: Int)

  public var description: String {
    switch self {
    case .tooFewCustomers(0): "found no customers"
    case .tooFewCustomers(let count): "found \(count) customer, expected at least 2: rates are learnt from many"
    case .tooManyCustomers(let count): "found \(count) customers, expected fewer than \(Int32.max)"
    case .notAHistory(let customer, let reason): "customer \(customer + 1): \(reason)"
    case .nobodyRepeats(let customers):
      "none of the \(customers) customers bought again: nothing says how often people return"
    case .noTimePassed: "no time passed after anybody's first purchase (T is 0 for all)"
    case .notASpend(let customer, let reason): "customer \(customer + 1): \(reason)"
    case .tooFewSpenders(let count):
      "found \(count) customers with a repeat purchase of known amount, expected at least 2"
    case .allSpendAlike(let amount): "every customer spends \(amount) on average: use that as the value of a purchase"
    case .noMeanSpend(let q):
      "the fitted spend has no mean (q = \(q), at most 1): a few customers spend beyond all measure; look for wrong amounts"
    case .notConverged(let model, let steps):
      "the fit of \(model) did not converge in \(steps) steps; the data may not tell how customers leave: try another model"
    }
  }
}
