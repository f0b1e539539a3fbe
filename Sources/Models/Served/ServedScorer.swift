import Catalog
import Foundation
public import Mathematics

/// A trained model that answers from what somebody did, as it serves.
public protocol ServedScorer: Sendable {
  static var name: String { get }
  /// Why it likes an item, as reasons name it.
  static var reason: String { get }
  var itemCount: Int { get }
  var snapshot: ModelSnapshot { get }

  init(snapshot bytes: [UInt8]) throws(SnapshotRefusal)

  /// - Parameter history: Rows of items, oldest first, each once.
  /// - Returns: nil when nothing is known of any of them.
  func asked(_ history: [UInt32]) -> (any AskedScorer)?
}

/// A scorer with a question: scores in [0, 1], relative to the best row that is not in the history.
public protocol AskedScorer: Sendable {
  /// At most `count` rows beside those of the history, best first, ties by row, none of score 0.
  func best(_ count: Int) -> [RowScore]
  func score(of row: Int) -> Float
}

extension EASE: ServedScorer {
  public static let reason = "similar_taste"
}

extension ItemNeighbours: ServedScorer {
  public static let reason = "similar_taste"
}

extension TransitionKernel: ServedScorer {
  public static let reason = "likely_next"
}

extension SessionNeighbours: ServedScorer {
  public static let reason = "likely_next"
}

extension ServedScorer where Self: HistoryScorer {
  /// - Complexity: O(items), beside the scores.
  public func asked(_ history: [UInt32]) -> (any AskedScorer)? {
    let scores = ScoredRows(scores(after: history), besides: history)
    return scores.isEmpty ? nil : scores
  }
}

/// Every row's score.
struct ScoredRows: AskedScorer {
  private let scores: [Float]
  private let history: Set<UInt32>

  /// - Parameter scores: Of any size; what is not above 0 is nothing.
  init(_ scores: [Float], besides history: [UInt32]) {
    let known = Set(history)
    var greatest: Float = 0
    for (row, score) in scores.enumerated() where score > greatest && !known.contains(UInt32(row)) { greatest = score }
    let unit = greatest
    self.history = known
    self.scores = unit > 0 && unit.isFinite ? scores.map { min(1, max(0, $0 / unit)) } : []
  }

  var isEmpty: Bool { scores.isEmpty }

  func best(_ count: Int) -> [RowScore] {
    var best = TopScores()
    for (row, score) in scores.enumerated() where score > 0 && !history.contains(UInt32(row)) {
      best.append(UInt32(row), score)
    }
    return best.best(count).map { RowScore(row: Int($0.item.rawValue), score: $0.score) }
  }

  func score(of row: Int) -> Float { row < scores.count ? scores[row] : 0 }
}

/// `SelfAttention` with its items where the best are found without looking at all: the history's vector is multiplied by bytes
/// first. An item's score is its probability to come next, relative to the likeliest one's.
public struct IndexedSequence: ServedScorer {
  public static let name = SelfAttention.name
  public static let reason = "likely_next"
  /// Likings that are looked at: the network takes time for each.
  private static let historyMax = 50

  let model: SelfAttention
  private let items: QuantisedRows
  /// Those that the training met; nil when it met all.
  private let met: RowSet?

  /// - Throws: `VectorFault` when the items' vectors cannot be multiplied.
  public init(_ model: SelfAttention) throws(VectorFault) {
    self.model = model
    items = try QuantisedRows(model.items)
    let met = RowSet(model.support.indices.filter { model.support[$0] > 0 }, rowCount: model.itemCount)
    self.met = met.count == model.itemCount ? nil : met
  }

  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let model = try SelfAttention(snapshot: bytes)
    do throws(VectorFault) { try self.init(model) } catch { throw .content(error.description) }
  }

  public var itemCount: Int { model.itemCount }
  public var snapshot: ModelSnapshot { model.snapshot }

  public func asked(_ history: [UInt32]) -> (any AskedScorer)? {
    let known = history.filter { met?.contains(Int($0)) ?? true }
    guard !known.isEmpty else { return nil }
    let vector = model.vectors(of: [Array(known.suffix(Self.historyMax))]).values
    return LikelyRows(items, met: met, vector: vector, history: Set(history))
  }
}

/// exp(vᵀe − the greatest of them), and nothing below `least`.
private struct LikelyRows: AskedScorer {
  private static let least: Float = 1e-4

  private let items: QuantisedRows
  private let met: RowSet?
  private let vector: [Float]
  private let history: Set<UInt32>
  private let greatest: Float

  /// nil when nothing can be said.
  init?(_ items: QuantisedRows, met: RowSet?, vector: [Float], history: Set<UInt32>) {
    self.items = items
    self.met = met
    self.vector = vector
    self.history = history
    guard let found = try? items.best(history.count + 1, for: vector, among: met),
      let best = found.first(where: { !history.contains(UInt32($0.row)) })
    else { return nil }
    greatest = best.score
  }

  func best(_ count: Int) -> [RowScore] {
    let found = (try? items.best(count + history.count, for: vector, among: met)) ?? []
    let likely = found.lazy.filter { !history.contains(UInt32($0.row)) }
      .map { RowScore(row: $0.row, score: likelihood($0.score)) }.filter { $0.score > 0 }
    // Different products may be one likelihood.
    return Array(likely.sorted { ($1.score, $0.row) < ($0.score, $1.row) }.prefix(max(0, count)))
  }

  func score(of row: Int) -> Float {
    guard met?.contains(row) ?? true else { return 0 }
    return likelihood(items.score(of: row, for: vector))
  }

  private func likelihood(_ score: Float) -> Float {
    let relative = expf(min(0, score - greatest))
    return relative >= Self.least ? relative : 0
  }
}
