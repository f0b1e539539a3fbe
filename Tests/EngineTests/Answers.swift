import AttuneTestKit
import Catalog
import Events
import Features
import Models
import Primitives
import Profiles

@testable import Engine

/// What a partition says when it is asked everything: profiles, events, decisions, items, models. Text by question, so
/// that a difference shows where it is.
struct Answers: Equatable {
  enum Topic { case people, rest }

  private(set) var byQuestion: [String: String] = [:]

  init(of shop: PartitionFixture, asking history: RandomHistory, about topics: Set<Topic> = [.people, .rest])
    async throws
  {
    if topics.contains(.people) { try await askPeople(of: shop, history) }
    if topics.contains(.rest) { try await askRest(of: shop, history) }
  }

  private mutating func askPeople(of shop: PartitionFixture, _ history: RandomHistory) async throws {
    let partition = shop.partition
    let now = shop.clock.now
    for identifier in history.identifiers {
      guard let view = try await partition.profile(of: identifier, at: now) else { continue }
      byQuestion["\(identifier)"] = Self.text { view.write(into: &$0) }
      let page = try await partition.events(of: view.id, limit: 500, cursor: nil)
      byQuestion["events of \(identifier)"] = page.map { "\($0.rows.map(\.position.rawValue)), next \($0.next ?? "-")" }
    }
  }

  private mutating func askRest(of shop: PartitionFixture, _ history: RandomHistory) async throws {
    let partition = shop.partition
    let now = shop.clock.now
    for id in history.decisions {
      byQuestion["\(id)"] = try await partition.decision(id).map { view in Self.text { view.write(into: &$0) } }
    }
    for item in history.items {
      let similar = try await partition.similar(to: item, count: 20, at: now)
      byQuestion["similar to \(item)"] = similar.map { "\($0)" }
      byQuestion[item] = try await partition.item(item).map { "\($0)" }
    }
    byQuestion["popular"] = "\(try await partition.popular(count: 50, at: now))"
    byQuestion["letters"] = "\(try await partition.deadLetters(before: nil, limit: 100).rows.map(\.position))"
    let identifiers = history.identifiers
    byQuestion.merge(try await partition.read { try $0.modelAnswers(for: identifiers, at: now) }) { first, _ in first }
  }

  private static func text(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// Questions that are answered differently, with both answers.
  func differences(from other: Answers) -> [String] {
    Set(byQuestion.keys).union(other.byQuestion.keys).sorted().compactMap { question in
      let (mine, theirs) = (byQuestion[question], other.byQuestion[question])
      return mine == theirs ? nil : "\(question): \(mine ?? "nothing") and \(theirs ?? "nothing")"
    }
  }
}

extension PartitionState {
  fileprivate mutating func modelAnswers(for identifiers: [Identifier], at now: Timestamp) throws -> [String: String] {
    var answers = ["messages": "\(ledger.count)", "counts": "\(counts)"]
    let all = (0..<UInt32(catalog.ordinalCount)).map { ItemOrdinal($0) }
    for identifier in identifiers {
      let id = try profile(of: [IdentifierKey(identifier, hash: hash)]).flatMap { try current($0) }
      guard let id, let person = try persons.value(id, read) else { continue }
      for device in [nil, "mobile", "desktop"] {
        var context = ContextFacts()
        context.device = device
        let query = ModelQuery(history: person.history.recent, context: context, now: now)
        for model in models {
          answers["\(model.name) for \(identifier), device \(device ?? "-")"] =
            "\(model.candidates(for: query, catalog: catalog, limit: 50)) \(model.scores(of: all, for: query, catalog: catalog))"
        }
      }
    }
    return answers
  }
}
