public import Features
import Primitives
import Synchronization

/// What was known of people at moments of the past.
public struct PredictionRows: Sendable {
  /// What a moment's row is made of; nil where nobody had the identifier yet.
  public struct Known: Sendable {
    public let values: FeatureValues
    /// Events of the person by then.
    public let events: Int
  }

  public let features: FeatureSet
  /// One for each moment.
  public let known: [Known?]
}

extension Partition {
  private static let rowsAtOnce = 500
  private static let rowEntries = 20_000

  /// The features in force for people at moments, as the server knew them then: the fold of a training table.
  ///
  /// Reads and folds the log on the caller's thread.
  /// - Parameter report: Told how many rows are made, in [0, 1]; false ends it.
  /// - Throws: `.foldUnderWay` while a table or a replay is under way.
  public func rows(
    at moments: [PredictionMoment], report: (Double) -> Bool
  ) async throws(EngineError) -> PredictionRows? {
    let (features, hash, end) = try await read { state in (state.active.features, state.hash, state.end) }
    let question = TableQuestion(
      .moments(moments.enumerated().map { TableQuestion.Moment($1.identifier, at: $1.at, row: $0) }))
    let isFree = shared.isReplaying.withLock { isReplaying in
      defer { isReplaying = true }
      return !isReplaying
    }
    guard isFree else { throw .foldUnderWay }
    defer { shared.isReplaying.withLock { $0 = false } }
    do {
      let survey = try TableSurvey(of: question, store: store, hash: hash, upTo: end)
      var fold = try TableFold(survey, question, features: features, store: store, hash: hash, upTo: end)
      var known = [PredictionRows.Known?](repeating: nil, count: moments.count)
      var count = 0
      while let found = try fold.next(rowsMax: Self.rowsAtOnce, entriesMax: Self.rowEntries) {
        for row in found {
          guard case .moment(let number) = row.subject, let values = row.values else { continue }
          known[number] = PredictionRows.Known(values: values, events: row.eventCount)
        }
        count += found.count
        guard report(Double(count) / Double(max(1, moments.count))) else { return nil }
      }
      return PredictionRows(features: features, known: known)
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be folded: \(error)")
    }
  }
}
