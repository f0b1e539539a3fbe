public import Catalog
import Events
public import Features
import Foundation
import Models
public import Primitives
import Profiles

/// An act that a model may learn of.
public struct TrainingAct: Sendable {
  public let person: ProfileID
  public let act: Interaction
}

extension Partition {
  /// Log that is read at a time.
  private static let trainingBytes = 512 << 10

  /// Every liking that the log holds, in its order: of people as they are now, merges and unmerges made, and of items as
  /// they are now. What was erased is not among them. An event that names several people is the first one's.
  ///
  /// Reads the log on the caller's thread.
  /// - Parameter body: Told of the acts of some entries, and how much of the log is read, in [0, 1]; false ends it.
  public func forEachAct(_ body: ([TrainingAct], Double) -> Bool) async throws(EngineError) {
    let (positions, end) = try await read { ($0.definitionPositions, $0.end) }
    do {
      let history = try ActiveHistory(positions, in: store)
      var next = LogPosition.start.next
      while next <= end {
        let entries = try store.entries(from: next, bytesMax: Self.trainingBytes)
        guard let last = entries.last else { return }
        let read = entries.compactMap { UnplacedActs($0, history: history, hash: hash) }
        let acts = try await self.read { state in try read.flatMap { try state.place($0) } }
        next = last.position.next
        guard body(acts, Double(last.position.rawValue) / Double(end.rawValue)) else { return }
      }
    } catch let error as EngineError {
      throw error
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be read: \(error)")
    }
  }

  /// Items, for models that read what the catalogue says of them.
  public func trainingCatalog() async throws(EngineError) -> ItemCatalog { try await read { $0.catalog } }
}

/// The acts of one event, before anybody knows whose they are.
private struct UnplacedActs: Sendable {
  let keys: [IdentifierKey]
  let signals: [(item: String, signal: Signal)]
  let at: Timestamp

  /// nil for entries that are no events, or of which nothing can be learnt.
  init?(_ positioned: PositionedEntry, history: ActiveHistory, hash: StableHash) {
    guard positioned.entry.kind == .event else { return nil }
    var reader = BinaryReader(positioned.entry.payload)
    guard let stored = try? StoredEvent(from: &reader),
      let event = try? stored.event(by: history.active(at: positioned.position).parser)
    else { return nil }
    signals = event.signals.compactMap { signal in signal.itemID.map { ($0, signal) } }
    guard !signals.isEmpty else { return nil }
    keys = PreparedEvent(event, payload: [], hash: hash).identifierKeys
    at = event.timestamp
  }
}

extension PartitionState {
  fileprivate mutating func place(_ unplaced: UnplacedActs) throws -> [TrainingAct] {
    guard let owner = try profile(of: unplaced.keys), let person = try current(owner) else { return [] }
    return unplaced.signals.compactMap { id, signal in
      guard let item = catalog.ordinal(of: id), catalog.isEmpty || catalog.isListed(item) else { return nil }
      let act = Interaction(item: item, kind: signal.kind, at: unplaced.at, value: Float(signal.value ?? 0))
      return FactorModel.isLiking(act) ? TrainingAct(person: person, act: act) : nil
    }
  }
}
