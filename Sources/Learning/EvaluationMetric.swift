import Foundation

/// What is measured of a model's answers.
///
/// The first four are those of `RankingMetrics`. The others look at the first k of each list, and are measured where the
/// model ranks the whole catalogue:
///
///     novelty      mean of −log₂(people who have the item / people), in bits; an item nobody has counts as one of one person
///     diversity    mean over the pairs of a list of 1 − cosine, of the items' categories where they are known, else of the
///                  people who have them
///     calibration  Σ_g p(g) ln(p(g) / q̃(g)),  q̃ = 0.99 q + 0.01 p, with the shares of the categories in what the person had
///                  (p) and in the list (q); where no categories are known, of the head, the middle and the tail of the
///                  catalogue by popularity. 0 is best
///     coverage, gini   as in `Exposure`
///
/// - SeeAlso: Zhou et al., *Solving the apparent diversity-accuracy dilemma of recommender systems*, PNAS 2010 (novelty);
///   Ziegler et al., *Improving recommendation lists through topic diversification*, WWW 2005, and Vargas & Castells, RecSys
///   2011 (diversity); Steck, *Calibrated recommendations*, RecSys 2018; Abdollahpouri et al., *User-centered evaluation of
///   popularity bias in recommender systems*, UMAP 2021 (head, middle, tail).
public enum EvaluationMetric: String, Sendable, CaseIterable {
  case hr, ndcg, recall, mrr, coverage, novelty, gini, diversity, calibration

  /// Those that each question has a value of; the others are of all answers together.
  static let ofQuestions: [EvaluationMetric] = [.hr, .ndcg, .recall, .mrr, .novelty, .diversity, .calibration]

  /// Whether more is better; nil where that depends on what is wanted.
  public var isBetterHigh: Bool? {
    switch self {
    case .hr, .ndcg, .recall, .mrr, .coverage: true
    case .calibration: false
    case .novelty, .gini, .diversity: nil
    }
  }
}

/// What the measures of lists need to know of a data set.
struct ListTraits: Sendable {
  /// People whose items are compared for a diversity, at most: evenly among all.
  private static let peopleMax = 20_000
  private static let mixing = 0.01

  /// −log₂ of the share of people who have each item.
  private let information: [Double]
  /// Who has each item, ascending; empty when categories are known.
  private let holders: [[UInt32]]
  /// 0 for the head, 1 for the middle, 2 for the tail.
  private let part: [UInt32]
  private let categories: ItemCategories?

  /// - Complexity: O(acts + items · log items).
  init(_ training: TrainingData, categories: ItemCategories?) {
    self.categories = categories
    let step = max(1, training.sequences.count / Self.peopleMax)
    var counts = Array(repeating: 0, count: training.itemCount)
    var holders = Array(repeating: [UInt32](), count: training.itemCount)
    var people = 0
    for (person, sequence) in training.sequences.enumerated() where !sequence.items.isEmpty {
      people += 1
      for item in Set(sequence.items) {
        counts[Int(item)] += 1
        if categories == nil, person.isMultiple(of: step) { holders[Int(item)].append(UInt32(person)) }
      }
    }
    information = counts.map { log2(Double(max(1, people)) / Double(max(1, $0))) }
    self.holders = holders
    part = Self.parts(counts)
  }

  /// The most popular items that have a fifth of all holders together are the head, the least popular that have a fifth the tail.
  static func parts(_ counts: [Int]) -> [UInt32] {
    let total = Double(counts.reduce(0, +))
    var parts = Array(repeating: UInt32(2), count: counts.count)
    var before = 0.0
    for item in counts.indices.sorted(by: { (counts[$1], $0) < (counts[$0], $1) }) {
      parts[item] = before < 0.2 * total ? 0 : before < 0.8 * total ? 1 : 2
      before += Double(counts[item])
    }
    return parts
  }

  func novelty(_ list: [UInt32]) -> Double {
    list.isEmpty ? 0 : list.reduce(0) { $0 + information[Int($1)] } / Double(list.count)
  }

  /// 0 of fewer than two.
  func diversity(_ list: [UInt32]) -> Double {
    guard list.count > 1 else { return 0 }
    var sum = 0.0
    for (place, item) in list.enumerated() {
      for other in list[..<place] { sum += 1 - similarity(item, other) }
    }
    return sum / Double(list.count * (list.count - 1) / 2)
  }

  private func similarity(_ item: UInt32, _ other: UInt32) -> Double {
    let (own, others) =
      categories.map { ($0.categories(of: item).sorted(), $0.categories(of: other).sorted()) }
      ?? (holders[Int(item)], holders[Int(other)])
    guard !own.isEmpty, !others.isEmpty else { return 0 }
    return Double(Self.common(own, others)) / (Double(own.count) * Double(others.count)).squareRoot()
  }

  /// Of two ascending lists.
  private static func common(_ left: [UInt32], _ right: [UInt32]) -> Int {
    var (place, other, count) = (0, 0, 0)
    while place < left.count, other < right.count {
      let (a, b) = (left[place], right[other])
      if a == b { count += 1 }
      if a <= b { place += 1 }
      if b <= a { other += 1 }
    }
    return count
  }

  /// 0 when the person had nothing.
  func miscalibration(_ list: [UInt32], history: [UInt32]) -> Double {
    let (wanted, shown) = (shares(history), shares(list))
    return wanted.sorted { $0.key < $1.key }.reduce(0) { sum, group in
      let mixed = (1 - Self.mixing) * (shown[group.key] ?? 0) + Self.mixing * group.value
      return sum + group.value * log(group.value / mixed)
    }
  }

  private func shares(_ items: [UInt32]) -> [UInt32: Double] {
    var shares: [UInt32: Double] = [:]
    for item in items {
      let groups = categories?.categories(of: item) ?? [part[Int(item)]]
      // Items of which nothing is said are a group of their own.
      for group in groups.isEmpty ? [.max] : groups {
        shares[group, default: 0] += 1 / Double(max(1, groups.count) * items.count)
      }
    }
    return shares
  }
}
