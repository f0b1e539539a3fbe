import Catalog
import Events
import Features
import Foundation
import Mathematics
import Primitives
import Testing

@testable import Models

/// Trained models that are asked with a history, of every kind; what holds for all models is in `CandidateModelContract`.
@Suite struct HistoryModelTests {
  let catalog = ItemCatalog()

  @Test func `scores are those of the trained model, relative to the best item that the person has not had`() throws {
    let tables = try trainedTables()
    let table = try #require(tables.first { $0.name == EASE.name } as? HistoryTable<EASE>)
    let liked: [UInt32] = [0, 7, 14]
    let plain = table.scorer.scores(after: liked)
    let best = try #require(plain.indices.filter { !liked.contains(UInt32($0)) }.map { plain[$0] }.max())
    let scores = table.served(version: "1").scores(
      of: items(0..<45), for: query([0, 7, 14].map { act($0) }), catalog: catalog)
    #expect(scores == plain.map { min(1, max(0, $0 / best)) })
    #expect(scores.contains(1) && scores.contains(0))
  }

  @Test func `what is likely next has the probability of the network, relative to the likeliest`() throws {
    let tables = try trainedTables()
    let table = try #require(tables.last as? HistoryTable<IndexedSequence>)
    let liked: [UInt32] = [3, 20, 8]
    let plain = Array(table.scorer.model.scores(of: [liked]).values)
    let best = try #require(plain.indices.filter { !liked.contains(UInt32($0)) }.map { plain[$0] }.max())
    let question = query([3, 20, 8].map { act($0) })
    let model = table.served(version: "1")
    let scores = model.scores(of: items(0..<45), for: question, catalog: catalog)
    for (score, logit) in zip(scores, plain) {
      let expected = exp(Double(min(0, logit - best)))
      #expect(abs(Double(score) - (expected < 1e-4 ? 0 : expected)) < 1e-3)
    }
    let order = plain.indices.filter { !liked.contains(UInt32($0)) }.sorted { plain[$0] > plain[$1] }
    let proposed = model.candidates(for: question, catalog: catalog, limit: 5)
    #expect(proposed.map { Int($0.item.rawValue) } == Array(order.prefix(5)))
  }

  @Test func `kinds that look at the order answer another order otherwise, and tastes do not`() throws {
    for table in try trainedTables() {
      let model = table.served(version: "1")
      func scores(_ liked: [Int]) -> [Float] {
        model.scores(of: items(0..<45), for: query(liked.map { act($0) }), catalog: catalog)
      }
      let isOrdered = [TransitionKernel.name, SessionNeighbours.name, SelfAttention.name].contains(table.name)
      #expect((scores([0, 7, 14, 21]) != scores([21, 14, 7, 0])) == isOrdered, "\(table.name)")
      #expect(scores([0, 7, 0]) == scores([7, 0]), "\(table.name): an item counts where it was last")
      #expect(scores([59]).allSatisfy { $0 == 0 }, "\(table.name): who likes what is unknown")
    }
  }

  @Test func `what models before have saved goes away with the next checkpoint`() throws {
    for table in try trainedTables().dropFirst() {
      var model = table.served(version: "2")
      try model.restore(key: RecordKey.bytes(UInt32(9)), value: [1, 2])
      #expect(model.savedKeys == [RecordKey.bytes(UInt32(9))])
      let changes = model.takeChanges()
      #expect(changes.map(\.key) == [RecordKey.bytes(UInt32(9))] && changes.allSatisfy { $0.value == nil })
      #expect(model.savedKeys.isEmpty)
    }
  }

  // MARK: Files

  @Test func `a file of any kind gives the same answers back`() throws {
    for table in try trainedTables() {
      let again = try ServedTables.table(snapshot: table.snapshot.bytes)
      #expect(again.name == table.name && again.snapshot == table.snapshot)
      for liked in [[0], [7, 14, 21], [59, 3]] {
        let question = query(liked.map { act($0) })
        let (one, other) = (table.served(version: "1"), again.served(version: "1"))
        #expect(
          one.candidates(for: question, catalog: catalog, limit: 20)
            == other.candidates(for: question, catalog: catalog, limit: 20), "\(table.name)")
      }
    }
  }

  @Test func `a file of any kind that is cut, changed, newer or unknown is refused`() throws {
    for table in try trainedTables(items: 12) {
      let snapshot = table.snapshot
      let bytes = snapshot.bytes
      for count in stride(from: 0, to: bytes.count, by: 41) {
        #expect(throws: SnapshotRefusal.self) { try ServedTables.table(snapshot: Array(bytes.prefix(count))) }
        var changed = bytes
        changed[count] ^= 1 << UInt8(count % 8)
        #expect(throws: SnapshotRefusal.self) { try ServedTables.table(snapshot: changed) }
      }
      let newer = ModelSnapshot(kind: snapshot.kind, contentVersion: 2, content: snapshot.content)
      #expect(throws: SnapshotRefusal.newer(found: 2, known: 1)) { try ServedTables.table(snapshot: newer.bytes) }
    }
    let unknown = ModelSnapshot(kind: "oracle", contentVersion: 1, content: [])
    #expect {
      try ServedTables.table(snapshot: unknown.bytes)
    } throws: { error in
      if case .kind("oracle", _) = error as? SnapshotRefusal { true } else { false }
    }
    #expect(throws: SnapshotRefusal.noSnapshot) { try ServedTables.table(snapshot: [1, 2, 3]) }
  }

  @Test func `items that repeat, are none or do not fit the model are refused though the hash is right`() throws {
    for table in try trainedTables(items: 12).dropFirst() {
      let snapshot = table.snapshot
      // The number of items, then the items.
      for (place, bytes) in [
        (0, [11, 0, 0, 0]), (0, [255, 255, 255, 255]), (8, [0, 0, 0, 0]), (4, [255, 255, 255, 255]),
      ] {
        var content = snapshot.content
        content.replaceSubrange(place..<place + 4, with: bytes.map { UInt8($0) })
        let odd = ModelSnapshot(kind: snapshot.kind, contentVersion: 1, content: content)
        #expect(throws: SnapshotRefusal.self, "\(table.name) \(place)") { try ServedTables.table(snapshot: odd.bytes) }
      }
    }
  }
}
