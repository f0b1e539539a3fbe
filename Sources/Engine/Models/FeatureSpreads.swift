import Features
public import Models
public import Primitives
import Rules

extension Partition {
  /// People who are looked at in one go: the owner answers others in between.
  private static let spreadPeopleAtOnce = 40
  private static let spreadBins = 10
  /// Of fewer an edge may be somebody's own number, which an erasure would leave in the log.
  private static let spreadPeopleMin = 100

  /// How the values of each feature that is a number are spread over some people now.
  /// - Parameters:
  ///   - people: Those who are none of their own any more are left out.
  ///   - earlier: Spreads of before, whose bins are used; a feature that is not among them is left out. When there are none, all
  ///     features have bins with a tenth of the people each, and fewer than 100 people have none.
  public func featureSpreads(
    of people: [ProfileID], at now: Timestamp, like earlier: [ModelNote.Spread]
  ) async throws(EngineError) -> [ModelNote.Spread] {
    var found = FeatureNumbers()
    for start in stride(from: 0, to: people.count, by: Self.spreadPeopleAtOnce) {
      let some = Array(people[start..<min(people.count, start + Self.spreadPeopleAtOnce)])
      let numbers = try await read { state in try state.featureNumbers(of: some, at: now) }
      found.people += numbers.people
      found.values.merge(numbers.values) { $0 + $1 }
    }
    guard found.people >= (earlier.isEmpty ? Self.spreadPeopleMin : 1) else { return [] }
    let edges = Dictionary(earlier.map { ($0.feature, $0.edges) }) { first, _ in first }
    return found.values.sorted { $0.key < $1.key }.compactMap { feature, values in
      guard earlier.isEmpty || edges[feature] != nil else { return nil }
      let own = edges[feature] ?? Self.edges(of: values)
      guard !own.isEmpty else { return nil }
      var counts = Array(repeating: 0.0, count: own.count + 2)
      for value in values { counts[own.firstIndex { value <= $0 } ?? own.count] += 1 }
      counts[own.count + 1] = Double(found.people - values.count)
      return ModelNote.Spread(feature: feature, edges: own, counts: counts)
    }
  }

  /// The inner tenths of the values, each once.
  fileprivate static func edges(of values: [Double]) -> [Double] {
    let sorted = values.sorted()
    guard let first = sorted.first, let last = sorted.last, first < last else { return [] }
    var edges: [Double] = []
    for bin in 1..<spreadBins {
      let edge = sorted[min(sorted.count - 1, bin * sorted.count / spreadBins)]
      if edge > edges.last ?? -.infinity, edge < last { edges.append(edge) }
    }
    return edges
  }

  /// The version of the definitions in force.
  public func definitionsVersion() async throws(EngineError) -> Int {
    try await read { Int(clamping: $0.active.version) }
  }

  /// A model of before, whose file is kept; nil for 0 and when it cannot be read.
  public func trainedModel(_ version: Int) async throws(EngineError) -> (any ServedModel)? {
    guard version > 0, let run = try await read({ $0.registry.run(version) }) else { return nil }
    return try? PartitionState.model(version, digest: run.digest, from: store)
  }
}

private struct FeatureNumbers: Sendable {
  var people = 0
  var values: [String: [Double]] = [:]
}

extension PartitionState {
  fileprivate mutating func featureNumbers(of people: [ProfileID], at now: Timestamp) throws -> FeatureNumbers {
    var found = FeatureNumbers()
    let names = active.features.definitions.map(\.name)
    for id in people {
      guard try current(id) == id, let person = try persons.value(id, read) else { continue }
      let values = active.features.values(of: person.features, history: person.history, dwell: dwell, at: now)
      found.people += 1
      for (index, name) in names.enumerated() {
        guard let number = values[index]?.measured else { continue }
        found.values[name, default: []].append(number)
      }
    }
    return found
  }
}

extension RuleValue {
  fileprivate var measured: Double? {
    switch self {
    case .int(let number): Double(number)
    case .double(let number) where number.isFinite: number
    case .bool(let isSo): isSo ? 1 : 0
    default: nil
    }
  }
}
