import Foundation

/// How well a ranking found what it was to find, at a depth k.
///
/// With the places r (from 1) of the T targets:
///
///     hr = 1 if any r ≤ k      recall = |r ≤ k| / T      mrr = 1 / min r if that is ≤ k, else 0
///     ndcg = Σ_{r ≤ k} 1 / log₂(r + 1)  ÷  Σ_{r = 1}^{min(T, k)} 1 / log₂(r + 1)
///
/// - SeeAlso: Järvelin & Kekäläinen, *Cumulated gain-based evaluation of IR techniques*, ACM TOIS 2002.
public struct RankingMetrics: Sendable, Hashable {
  public let hr: Double
  public let ndcg: Double
  public let recall: Double
  public let mrr: Double

  /// - Parameters:
  ///   - places: Of the targets that were ranked, from 1, in any order; those that were not are left out.
  ///   - targetCount: At least 1, the targets left out included.
  public init(places: [Int], targetCount: Int, k: Int) {
    precondition(targetCount > 0 && k > 0 && places.count <= targetCount)
    let found = places.filter { $0 <= k }
    hr = found.isEmpty ? 0 : 1
    recall = Double(found.count) / Double(targetCount)
    mrr = found.min().map { 1 / Double($0) } ?? 0
    ndcg = Self.gain(found) / Self.gain(1...min(targetCount, k))
  }

  private static func gain(_ places: some Sequence<Int>) -> Double {
    places.reduce(0) { $0 + 1 / log2(Double($1) + 1) }
  }

  /// The place of a score among others: 1 + how many of them are at least as high, so that ties count against it.
  /// A score that is no number is last.
  public static func place(of score: Float, among others: some Sequence<Float>) -> Int {
    others.reduce(1) { $1 >= score || score.isNaN ? $0 + 1 : $0 }
  }
}
