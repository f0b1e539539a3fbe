public import Catalog
public import Features
import Primitives
public import Rules

/// A request with its names looked up and its filter compiled.
public struct ResolvedQuestion: Sendable {
  public var count: Int
  public var exclude: [ItemOrdinal]
  /// The caller's own candidates that are known; empty with `hasOwnCandidates` means that none of them is.
  public var candidates: [ItemOrdinal]
  public var hasOwnCandidates: Bool
  public var similarTo: [ItemOrdinal]
  public var filter: Rule?

  /// - Throws: `DecisionRefusal` for a count that the placement does not allow and a filter that is no rule.
  public init(
    _ request: DecisionRequest, placement: Placement, catalog: borrowing ItemCatalog, features: FeatureSet
  ) throws(DecisionRefusal) {
    let count = request.count ?? placement.count
    guard (1...placement.countMax).contains(count) else {
      throw DecisionRefusal(
        code: .invalidCount,
        message: "found count \(count), expected 1 to \(placement.countMax) for the placement '\(placement.name)'")
    }
    self.count = count
    exclude = catalog.ordinals(of: request.exclude)
    candidates = catalog.ordinals(of: request.candidates ?? [])
    hasOwnCandidates = request.candidates != nil
    similarTo = catalog.ordinals(of: request.similarTo)
    filter = try Self.filter(request.filter, features: features)
  }

  /// The question of a record, to be asked again.
  public init(_ recorded: RecordedQuestion, features: FeatureSet) throws(DecisionRefusal) {
    count = recorded.count
    exclude = recorded.exclude
    candidates = recorded.candidates ?? []
    hasOwnCandidates = recorded.candidates != nil
    similarTo = recorded.similarTo
    filter = try Self.filter(recorded.filter, features: features)
  }

  private static func filter(_ source: String?, features: FeatureSet) throws(DecisionRefusal) -> Rule? {
    guard let source else { return nil }
    do throws(RuleError) {
      return try Rule(parsing: source, expecting: .bool, schema: features.schema).bound(features.slot(of:))
    } catch {
      throw DecisionRefusal(
        code: .invalidFilter, message: "filter, line \(error.line), column \(error.column): \(error.message)")
    }
  }

  var recorded: RecordedQuestion {
    RecordedQuestion(
      count: count, exclude: exclude, candidates: hasOwnCandidates ? candidates : nil, similarTo: similarTo,
      filter: filter?.source)
  }
}
