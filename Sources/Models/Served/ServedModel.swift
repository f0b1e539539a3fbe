import Catalog
import Features
import Primitives

/// A trained model in service.
public protocol ServedModel: CandidateModel {
  associatedtype Table: ServedTable
  /// What it was made of.
  var table: Table { get }

  /// Keys of everything that `takeChanges` may have given: what a store may hold of this model.
  var savedKeys: [[UInt8]] { get }
}

/// What a training leaves for service: what the model's file holds. It holds no people.
public protocol ServedTable: Sendable {
  /// The algorithm: `ials`, `ease`, `sequence` …
  var name: String { get }
  var snapshot: ModelSnapshot { get }

  func served(version: String) -> any ServedModel
}

/// The kinds of trained models that can serve.
public enum ServedTables {
  /// Most items that a model may have whose every question goes through all of them.
  public static let scoredItemsMax = 200_000

  /// One that can be read.
  private struct Kind: Sendable {
    let name: String
    let kind: String
    let read: @Sendable ([UInt8]) throws(SnapshotRefusal) -> any ServedTable

    init<Scorer>(_: HistoryTable<Scorer>.Type) {
      name = Scorer.name
      kind = HistoryTable<Scorer>.kind
      read = { bytes throws(SnapshotRefusal) in try HistoryTable<Scorer>(snapshot: bytes) }
    }

    init(factors: Void) {
      name = ImplicitALS.name
      kind = FactorTable.kind
      read = { bytes throws(SnapshotRefusal) in try FactorTable(snapshot: bytes) }
    }
  }

  private static let kinds = [
    Kind(factors: ()), Kind(HistoryTable<EASE>.self), Kind(HistoryTable<ItemNeighbours>.self),
    Kind(HistoryTable<TransitionKernel>.self), Kind(HistoryTable<SessionNeighbours>.self),
    Kind(HistoryTable<IndexedSequence>.self),
  ]

  /// Their algorithms, in the order in which they are shown.
  public static let names = kinds.map(\.name)

  /// The model that a file holds, whatever its kind.
  /// - Throws: `SnapshotRefusal`.
  public static func table(snapshot bytes: [UInt8]) throws(SnapshotRefusal) -> any ServedTable {
    // What is no snapshot at all is refused by whichever reads it.
    guard let found = ModelSnapshot.kind(of: bytes) else { return try kinds[0].read(bytes) }
    guard let kind = kinds.first(where: { $0.kind == found }) else {
      throw .kind(found: found, expected: "one of " + kinds.map(\.kind).joined(separator: ", "))
    }
    return try kind.read(bytes)
  }
}

extension ModelSnapshot {
  /// The kind that some bytes say they are; nil for what is cut short, or no snapshot.
  static func kind(of bytes: [UInt8]) -> String? {
    guard bytes.starts(with: mark.utf8) else { return nil }
    var reader = BinaryReader(bytes[mark.utf8.count...])
    guard (try? reader.readWord32()) != nil else { return nil }
    return try? reader.readString()
  }
}

extension ModelQuery {
  /// The items that speak for the person, the latest first, each once; those to be similar to in their place.
  func seeds(atMost count: Int) -> [ItemOrdinal] {
    var seen: Set<ItemOrdinal> = []
    let liked =
      similarTo.isEmpty ? history.reversed().filter { ActStrength.liking($0) > 0 }.map(\.item) : similarTo
    return Array(liked.filter { seen.insert($0).inserted }.prefix(count))
  }
}
