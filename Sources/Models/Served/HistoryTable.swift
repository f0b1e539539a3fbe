public import Catalog
import Primitives

/// A trained model that is asked with a history, with the items that its rows stand for.
public struct HistoryTable<Scorer: ServedScorer>: ServedTable {
  /// Items by row.
  public let items: [ItemOrdinal]
  public let scorer: Scorer
  private let rows: OrdinalMap<UInt32>

  /// - Parameter items: Each once, as many as the scorer has.
  public init(_ scorer: Scorer, items: [ItemOrdinal]) {
    precondition(items.count == scorer.itemCount)
    self.items = items
    self.scorer = scorer
    var rows = OrdinalMap<UInt32>(capacity: items.count)
    for (row, item) in items.enumerated() { rows.set(item.rawValue, to: UInt32(row)) }
    self.rows = rows
  }

  public var name: String { Scorer.name }

  func row(of item: ItemOrdinal) -> UInt32? { rows[item.rawValue] }

  public func served(version: String) -> any ServedModel { HistoryModel(self, version: version) }
}

/// The packed form: the items' ordinals, then the scorer's own snapshot.
extension HistoryTable {
  static var kind: String { "\(Scorer.name)-served" }
  static var snapshotVersion: Int { 1 }

  public var snapshot: ModelSnapshot {
    let own = scorer.snapshot.bytes
    var writer = BinaryWriter(reservingCapacity: own.count + 4 * items.count + 16)
    writer.write(word32: UInt32(items.count))
    for item in items { writer.write(word32: item.rawValue) }
    writer.write(raw: own)
    return ModelSnapshot(kind: Self.kind, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.kind, knownVersion: Self.snapshotVersion)
    let (items, own): ([ItemOrdinal], [UInt8])
    do throws(BinaryError) {
      (items, own) = try Self.parts(of: snapshot.content)
    } catch {
      throw .content(error.description)
    }
    let scorer = try Scorer(snapshot: own)
    guard items.count == scorer.itemCount else {
      throw .content("\(items.count) items for a model of \(scorer.itemCount)")
    }
    self.init(scorer, items: items)
  }

  private static func parts(of content: [UInt8]) throws(BinaryError) -> ([ItemOrdinal], [UInt8]) {
    var reader = BinaryReader(content)
    let count = Int(try reader.readWord32())
    guard count <= reader.remaining / 4, count <= ServedTables.scoredItemsMax else {
      throw BinaryError("\(reader.remaining) bytes for \(count) items")
    }
    var items: [ItemOrdinal] = []
    items.reserveCapacity(count)
    for _ in 0..<count { items.append(ItemOrdinal(try reader.readWord32())) }
    guard Set(items).count == count else { throw BinaryError("an item that stands there twice") }
    // Ordinals are given from 0, one after another; the last number is no item's.
    guard items.allSatisfy({ $0.rawValue < .max }) else { throw BinaryError("an item of number \(UInt32.max)") }
    return (items, Array(try reader.readRaw(reader.remaining)))
  }
}
