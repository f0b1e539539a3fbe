import Foundation
import Primitives

/// What followed in sessions like this one (session-kNN): the sessions that share items with it, the newest ones above all.
///
/// Of the sessions that share one of the last L items of the history, the `sample` newest are looked at. With f(k) for the
/// item k steps back from the newest (0), sessions s of |s| items, and the share of sessions that came after s as its age:
///
///     similarity(s) = |s|^(−ν) e^(−τ age) Σ f(k) over the items that s shares
///     f(k) = 1 − k / length of the history, or q^k
///     score(i) = Σ_s similarity(s) · max(0, 1 − c k_s) · e^(−δ (|Δ| − 1)) · β if Δ < 0 · ln(N / n_i)^φ
///
/// over the `neighbours` most similar ones that hold i: k_s is how far back the newest shared item is, Δ how many places
/// after it i stands in s, n_i in how many of the N sessions i is.
/// - SeeAlso: Ludewig & Jannach, *Evaluation of session-based recommendation algorithms*, UMUAI 2018 (V-SKNN: fading by
///   place, the frequency of items); Garg, Gupta, Malhotra, Vig & Shroff, *Sequence and time aware neighborhood for
///   session-based recommendations*, SIGIR 2019 (STAN: age, distance).
public struct SessionNeighbours: Sendable, Hashable, HistoryScorer {
  /// f.
  public enum Fading: Sendable, Hashable {
    case linear
    /// q in (0, 1].
    case geometric(Double)
  }

  public struct Settings: Sendable, Hashable {
    /// Sessions that are compared, the newest first; ≥ 1.
    public var sample = 1_000
    /// Sessions that answer; ≥ 1.
    public var neighbours = 200
    /// L ≥ 1.
    public var seeds = 20
    /// f.
    public var fading = Fading.geometric(0.7)
    /// ν in [0, 2].
    public var lengthExponent = 0.5
    /// τ ≥ 0.
    public var ageDecay = 0.5
    /// c in [0, 1].
    public var stepPenalty = 0.1
    /// δ ≥ 0.
    public var distanceDecay = 0.3
    /// β in [0, 1].
    public var backward = 0.7
    /// φ in [0, 2].
    public var rarity = 1.0

    public init() {}
  }

  public let settings: Settings
  public let itemCount: Int
  /// Items of all sessions, one session after the other, oldest session first.
  let items: [UInt32]
  /// Session s has the places `starts[s]..<starts[s + 1]`.
  let starts: [Int]
  /// The sessions of each item, oldest first.
  private let holders: [UInt32]
  private let holderStarts: [Int]
  /// ln(N / n_i)^φ.
  private let rarities: [Float]

  /// - Parameter sequences: Sessions, oldest first, each with its oldest item first.
  /// - Throws: `TrainingRefusal`.
  /// - Complexity: O(items of all sessions); a question O(sample · L + neighbours · length of a session).
  public init(
    training sequences: [[UInt32]], itemCount: Int, settings: Settings = Settings()
  ) throws(TrainingRefusal) {
    try Self.check(settings)
    try TrainingRefusal.check(sequences, itemCount: itemCount)
    var starts = [0]
    for sequence in sequences where !sequence.isEmpty { starts.append(starts[starts.count - 1] + sequence.count) }
    self.init(settings: settings, itemCount: itemCount, items: sequences.flatMap { $0 }, starts: starts)
  }

  /// - Parameters:
  ///   - items: Below `itemCount`.
  ///   - starts: From 0, ascending, to the number of items.
  init(settings: Settings, itemCount: Int, items: [UInt32], starts: [Int]) {
    self.settings = settings
    self.itemCount = itemCount
    self.items = items
    self.starts = starts
    // Twice over all sessions: how many hold an item, then which. The last session seen tells a repeated item.
    var counts = Array(repeating: 0, count: itemCount + 1)
    var last = Array(repeating: -1, count: itemCount)
    for session in 0..<starts.count - 1 {
      for item in items[starts[session]..<starts[session + 1]] where last[Int(item)] != session {
        last[Int(item)] = session
        counts[Int(item) + 1] += 1
      }
    }
    for item in 0..<itemCount { counts[item + 1] += counts[item] }
    holderStarts = counts
    var holders = Array(repeating: UInt32(0), count: counts[itemCount])
    last = Array(repeating: -1, count: itemCount)
    for session in 0..<starts.count - 1 {
      for item in items[starts[session]..<starts[session + 1]] where last[Int(item)] != session {
        last[Int(item)] = session
        holders[counts[Int(item)]] = UInt32(session)
        counts[Int(item)] += 1
      }
    }
    self.holders = holders
    let (all, ends) = (Double(starts.count - 1), holderStarts)
    rarities = (0..<itemCount).map { item in
      let count = ends[item + 1] - ends[item]
      return count > 0 ? Float(pow(log(max(all / Double(count), 1)), settings.rarity)) : 0
    }
  }

  static func check(_ settings: Settings) throws(TrainingRefusal) {
    for (name, value) in [
      ("sample", settings.sample), ("number of neighbours", settings.neighbours), ("number of seeds", settings.seeds),
    ] where value < 1 {
      throw .settings("found a \(name) of \(value), expected at least 1")
    }
    if case .geometric(let recency) = settings.fading {
      try TrainingRefusal.check(recency, in: .leastNonzeroMagnitude...1, "fading")
    }
    try TrainingRefusal.check(settings.lengthExponent, in: 0...2, "length exponent")
    try TrainingRefusal.check(settings.ageDecay, in: .from(0), "age decay")
    try TrainingRefusal.check(settings.stepPenalty, in: 0...1, "step penalty")
    try TrainingRefusal.check(settings.distanceDecay, in: .from(0), "distance decay")
    try TrainingRefusal.check(settings.backward, in: 0...1, "backward weight")
    try TrainingRefusal.check(settings.rarity, in: 0...2, "rarity exponent")
  }

  // MARK: Asking

  /// A session that shares items with the history.
  private struct Neighbour {
    let session: Int
    let similarity: Float
    /// k_s, and that item.
    let step: Int
    let shared: UInt32
  }

  public func scores(after history: [UInt32]) -> [Float] {
    var scores = Array(repeating: Float(0), count: itemCount)
    for neighbour in neighbours(of: history) {
      let span = starts[neighbour.session]..<starts[neighbour.session + 1]
      // Steps beyond 1 / c say nothing.
      let weight = neighbour.similarity * Float(max(0, 1 - settings.stepPenalty * Double(neighbour.step)))
      guard weight > 0, let place = span.last(where: { items[$0] == neighbour.shared }) else { continue }
      let decay = Float(exp(-settings.distanceDecay))
      var forward = weight
      for other in place + 1..<max(place + 1, span.upperBound) {
        scores[Int(items[other])] += forward * rarities[Int(items[other])]
        forward *= decay
      }
      var backward = weight * Float(settings.backward)
      for other in (span.lowerBound..<place).reversed() {
        scores[Int(items[other])] += backward * rarities[Int(items[other])]
        backward *= decay
      }
    }
    return scores
  }

  /// The most similar ones; of equal ones the newer.
  private func neighbours(of history: [UInt32]) -> [Neighbour] {
    struct Seed {
      let item: UInt32
      let step: Int
      let weight: Float
      /// Where its sessions begin, and behind the newest that was not looked at.
      let first: Int
      var next: Int
    }
    var seeds: [Seed] = []
    let known = history.filter { $0 < UInt32(clamping: itemCount) }
    for (step, item) in known.suffix(settings.seeds).reversed().enumerated()
    where !seeds.contains(where: { $0.item == item }) {
      let weight: Double =
        switch settings.fading {
        case .linear: 1 - Double(step) / Double(known.count)
        case .geometric(let recency): pow(recency, Double(step))
        }
      seeds.append(
        Seed(
          item: item, step: step, weight: Float(weight), first: holderStarts[Int(item)],
          next: holderStarts[Int(item) + 1]))
    }
    let age = settings.ageDecay / Double(max(1, starts.count - 1))
    var found: [Neighbour] = []
    while found.count < settings.sample {
      var newest: UInt32?
      for seed in seeds where seed.next > seed.first { newest = max(newest ?? 0, holders[seed.next - 1]) }
      guard let session = newest.map({ Int($0) }) else { break }
      var sum: Float = 0
      var nearest: Seed?
      for place in seeds.indices where seeds[place].next > seeds[place].first {
        guard holders[seeds[place].next - 1] == UInt32(session) else { continue }
        seeds[place].next -= 1
        sum += seeds[place].weight
        if nearest == nil { nearest = seeds[place] }
      }
      guard let nearest else { break }
      let length = Double(starts[session + 1] - starts[session])
      let scale = exp(-age * Double(starts.count - 2 - session)) / pow(length, settings.lengthExponent)
      found.append(
        Neighbour(session: session, similarity: sum * Float(scale), step: nearest.step, shared: nearest.item))
    }
    guard found.count > settings.neighbours else { return found }
    found.sort { ($0.similarity, $0.session) > ($1.similarity, $1.session) }
    return Array(found.prefix(settings.neighbours))
  }

  /// Bytes that a fit takes at most, the sessions included.
  public static func memoryBytes(sequences: Int, items: Int, acts: Int) -> Int {
    acts * (4 + 4 + 4 + 4) + sequences * (48 + 8) + items * (8 * 3 + 4)
  }
}
