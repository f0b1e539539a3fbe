import Decisions
import Features
public import Primitives
import Profiles
import Rules

/// Features with where they come from, how fresh they are and who uses them; of one person with the values.
public struct FeatureListing: Sendable {
  /// A rule of a placement that reads a feature.
  struct Use: Sendable {
    let placement: String
    /// `eligible` or `boosts`, and its place in that list, from 1.
    let list: String
    let number: Int
    let rule: String
  }

  struct Row: Sendable {
    let lineage: FeatureLineage
    let uses: [Use]
  }

  let rows: [Row]
  /// nil for the definitions alone.
  let values: FeatureValues?

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("features", array: { writer in for row in rows { write(row, into: &writer) } })
    }
  }

  private func write(_ row: Row, into writer: inout JSONWriter) {
    writer.object { writer in
      row.lineage.writeMembers(into: &writer)
      if let values {
        writer.key("value")
        if let value = values[row.lineage.name] { value.write(into: &writer) } else { writer.null() }
      }
      writer.member(
        "used_by",
        array: { writer in
          for use in row.uses {
            writer.object {
              $0.member("placement", use.placement)
              $0.member("list", use.list)
              $0.member("number", use.number)
              $0.member("rule", use.rule)
            }
          }
        })
    }
  }
}

extension Partition {
  /// Every feature in force, by name.
  public func features(at now: Timestamp) async throws(EngineError) -> FeatureListing {
    try await read { state in FeatureListing(state.active, of: nil, dwell: state.dwell, at: now) }
  }

  /// The same with a person's values; nil when there is no such profile.
  public func features(of id: ProfileID, at now: Timestamp) async throws(EngineError) -> FeatureListing? {
    try await read { state in
      guard let id = try state.current(id), let person = try state.persons.value(id, state.read) else { return nil }
      return FeatureListing(state.active, of: person, dwell: state.dwell, at: now)
    }
  }
}

extension FeatureListing {
  fileprivate init(_ active: ActiveSet, of person: Person?, dwell: ItemDwell, at now: Timestamp) {
    let set = active.features
    values = person.map { set.values(of: $0.features, history: $0.history, dwell: dwell, at: now) }
    let lineages = set.lineage(of: person?.features, history: person?.history ?? ItemHistory(), at: now)
    var uses: [String: [Use]] = [:]
    for placement in active.placements.values.sorted(by: { $0.name < $1.name }) {
      for (list, rules) in [("eligible", placement.eligibility), ("boosts", placement.boosts.map(\.factor))] {
        for (index, rule) in rules.enumerated() {
          let use = Use(placement: placement.name, list: list, number: index + 1, rule: rule.source)
          for name in Self.features(read: rule.fields, of: lineages.map(\.name)) { uses[name, default: []].append(use) }
        }
      }
    }
    rows = lineages.map { Row(lineage: $0, uses: uses[$0.name] ?? []) }
  }

  /// `person.features` as a whole reads all of them.
  private static func features(read fields: [FieldPath], of all: [String]) -> [String] {
    var names: [String] = []
    for field in fields where field.root == "person" && field.names.first ?? "features" == "features" {
      for name in field.names.count > 1 ? [field.names[1]] : all where !names.contains(name) { names.append(name) }
    }
    return names
  }
}
