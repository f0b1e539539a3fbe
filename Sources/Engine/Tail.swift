import Catalog
import Decisions
import Events
public import Primitives
import Profiles
import Synchronization

/// Something that just became durable, for people who watch.
public struct TailItem: Sendable {
  public let position: LogPosition
  public let knownAt: Timestamp
  /// `event`, `decision`, `catalog`, `definitions`, `model`, `unmerge`, `dead_letter`.
  public let kind: String
  /// What it is about in a few words: an event's name, a placement.
  public let name: String
  /// The person as the sender named them; empty when there is none.
  public let person: String
  /// Item ids, at most ten.
  public let items: [String]
}

/// Hands committed entries to whoever watches; a slow watcher loses the oldest, never the partition's time.
final class Tail: Sendable {
  private let watchers = Mutex<[UInt64: AsyncStream<TailItem>.Continuation]>([:])
  private let nextID = Mutex<UInt64>(0)

  func stream() -> AsyncStream<TailItem> {
    let id = nextID.withLock { id in
      id += 1
      return id
    }
    return AsyncStream(bufferingPolicy: .bufferingNewest(1_000)) { continuation in
      watchers.withLock { $0[id] = continuation }
      continuation.onTermination = { [weak self] _ in
        _ = self?.watchers.withLock { $0.removeValue(forKey: id) }
      }
    }
  }

  func finish() {
    let all = watchers.withLock { watchers in
      defer { watchers = [:] }
      return Array(watchers.values)
    }
    for watcher in all { watcher.finish() }
  }

  /// - Parameter first: The position of the batch's first entry.
  func publish(_ batch: EntryBatch, first: LogPosition, catalog: ItemCatalog) {
    let current = watchers.withLock { Array($0.values) }
    guard !current.isEmpty else { return }
    for (offset, fold) in batch.folds.enumerated() {
      let position = LogPosition(first.rawValue + UInt64(offset))
      guard
        let item = TailItem(fold, position: position, knownAt: batch.entries[offset].knownAt, catalog: catalog)
      else { continue }
      for watcher in current { watcher.yield(item) }
    }
  }
}

extension TailItem {
  /// nil for what the log notes for itself.
  fileprivate init?(_ fold: EntryBatch.Fold, position: LogPosition, knownAt: Timestamp, catalog: ItemCatalog) {
    self.position = position
    self.knownAt = knownAt
    switch fold {
    case .event(let prepared):
      kind = "event"
      name = prepared.event.name
      person = prepared.event.identifiers.first?.value ?? ""
      items = prepared.event.signals.prefix(10).compactMap(\.itemID)
    case .unread:
      (kind, name, person, items) = ("event", "not understood", "", [])
    case .decision(let record):
      kind = "decision"
      name = record.placement
      person = record.identifiers.first?.value ?? ""
      items = record.shown.prefix(10).map { catalog.id(of: $0.item) }
    case .change(let change):
      (kind, name, person, items) = ("catalog", "change", "", [change.itemID])
    case .definitions(let definitions):
      (kind, name, person, items) = ("definitions", "version \(definitions.version)", "", [])
    case .letter(let letter):
      (kind, name, person, items) = ("dead_letter", letter.code, "", [])
    case .unmerge(let unmerge):
      (kind, name, person, items) = ("unmerge", "cut", unmerge.pairs.first?.first.value ?? "", [])
    case .model(.trained(let run), _):
      (kind, name, person, items) = ("model", "\(run.model) \(run.version)", "", [])
    case .model(.activated(let version), _):
      (kind, name, person, items) = ("model", "version \(version)", "", [])
    case .model(.withdrawn(let withdrawal), _):
      (kind, name, person, items) = ("model", "version \(withdrawal.version) withdrawn", "", [])
    case .model(.noted, _), .created, .items, .erased, .erasure: return nil
    }
  }
}
