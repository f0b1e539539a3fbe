import Catalog
import Events
import Features
import Foundation
import Models
import Primitives
import Testing

/// Next-item hits on real data that lies beside the repository and is never part of it. Where it does not, the tests say
/// so and pass.
@Suite struct ModelQualityTests {
  struct Row {
    let person: Int
    let act: Interaction
  }

  /// Share of the last fifth's acts whose item stands among the 20 best that the person has not met, by a model that has
  /// seen the first four fifths; the person's history goes on.
  static func hits(of model: some CandidateModel, in rows: [Row], every: Int) -> Double {
    let catalog = ItemCatalog()
    var model = model
    var folder = Folder()
    let split = rows.count * 4 / 5
    for row in rows[..<split] {
      folder.fold(Occurrence(person: row.person, act: row.act, context: ContextFacts()), into: &model, catalog: catalog)
    }
    var met: [Int: Set<ItemOrdinal>] = [:]
    for row in rows[..<split] { met[row.person, default: []].insert(row.act.item) }
    var histories = folder.histories
    var (asked, hit) = (0, 0)
    for (number, row) in rows[split...].enumerated() {
      let seen = met[row.person, default: []]
      if number % every == 0, !seen.contains(row.act.item), !seen.isEmpty {
        let question = ModelQuery(
          history: histories[row.person, default: []], context: ContextFacts(), now: row.act.at)
        let best = model.candidates(for: question, catalog: catalog, limit: 400).lazy.map(\.item)
          .filter { !seen.contains($0) }.prefix(20)
        asked += 1
        hit += best.contains(row.act.item) ? 1 : 0
      }
      met[row.person, default: []].insert(row.act.item)
      histories[row.person] = (histories[row.person, default: []] + [row.act]).suffix(64)
    }
    return Double(hit) / Double(max(1, asked))
  }

  /// - Parameter path: Below the data folder.
  static func lines(_ path: String) -> [Substring]? {
    var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
    while folder.path != "/" {
      let file = folder.appending(path: "shared/data/\(path)")
      if let text = try? String(contentsOf: file, encoding: .utf8) { return text.split(whereSeparator: \.isNewline) }
      folder.deleteLastPathComponent()
    }
    print("skipped: no shared/data/\(path) in any folder above \(#filePath)")
    return nil
  }

  @Test func `on MovieLens what stands together finds more than what is popular`() throws {
    guard let lines = Self.lines("ml-100k/u.data") else { return }
    let rows = lines.compactMap { line -> Row? in
      let fields = line.split(separator: "\t").compactMap { Int($0) }
      guard fields.count == 4 else { return nil }
      return Row(
        person: fields[0],
        act: Interaction(
          item: ItemOrdinal(UInt32(fields[1])), kind: .rating, at: Timestamp(seconds: Int64(fields[3])),
          value: Float(fields[2])))
    }.sorted { ($0.act.at, $0.person, $0.act.item) < ($1.act.at, $1.person, $1.act.item) }
    #expect(rows.count == 100_000)
    let popular = Self.hits(of: Popularity(), in: rows, every: 10)
    let together = Self.hits(of: CoVisitation(), in: rows, every: 10)
    print("ml-100k, hits among 20: popularity \(popular), co-visitation \(together)")
    #expect(together > 1.5 * popular)
  }

  @Test func `in shop sessions what stands together finds more than what is popular`() throws {
    guard let lines = Self.lines("diginetica-sessions/sample_train-item-views.csv") else { return }
    var ordinals: [Substring: UInt32] = [:]
    let rows = lines.dropFirst().compactMap { line -> Row? in
      let fields = line.split(separator: ";")
      guard fields.count == 5, let session = Int(fields[0]), let milliseconds = Int64(fields[3]),
        let day = Timestamp(iso8601: String(fields[4]))
      else { return nil }
      let item = ordinals[fields[2], default: UInt32(ordinals.count)]
      ordinals[fields[2]] = item
      let at = Timestamp(microseconds: day.microseconds + milliseconds * 1_000)
      return Row(person: session, act: Interaction(item: ItemOrdinal(item), kind: .view, at: at))
    }.sorted { ($0.act.at, $0.person, $0.act.item) < ($1.act.at, $1.person, $1.act.item) }
    #expect(rows.count > 12_000)
    let popular = Self.hits(of: Popularity(), in: rows, every: 1)
    let together = Self.hits(of: CoVisitation(), in: rows, every: 1)
    print("Diginetica sample, hits among 20: popularity \(popular), co-visitation \(together)")
    #expect(together > 2 * popular)
  }
}
