import Catalog
import Decisions
import Documents
import Events
import Features
import Primitives
import Rules
import Synchronization

/// The values that features had for people at moments of the past, as the server knew them then, for training on what will be
/// there when the server decides.
///
/// Entries that became known after a moment do not count, however early they happened; nor does a merge of later. Windows
/// end at the moment. Features are those in force now.
///
/// Made while it is read: one fold of the log, in the memory of the people in question. While one is read no other is begun.
public final class TrainingTable: Sendable {
  public struct Column: Sendable, Equatable {
    public let name: String
    /// `count`, `affinity` …
    public let type: String
    fileprivate let index: Int
  }

  private static let pieceRows = 500
  private static let pieceEntries = 20_000

  public let columns: [Column]
  /// Rows, or decisions of which each has a row for every item.
  public let count: Int
  private let fold: Mutex<TableFold>
  private let partition: Partition

  fileprivate init(_ fold: consuming TableFold, count: Int, columns: [Column], of partition: Partition) {
    self.columns = columns
    self.count = count
    self.fold = Mutex(fold)
    self.partition = partition
  }

  deinit { partition.shared.isReplaying.withLock { $0 = false } }

  /// The next rows as lines of JSON, in the order of their moments; empty when none is ready yet, nil at the end. Reads the
  /// log: not for an event loop.
  public func next() async throws(EngineError) -> [UInt8]? {
    let piece: Piece?
    do {
      piece = try fold.withLock { fold in try Self.piece(&fold, columns) }
    } catch let error as PartitionStoreError {
      throw EngineError(error)
    } catch {
      throw .corrupt("the log cannot be folded: \(error)")
    }
    guard let piece else { return nil }
    guard !piece.decisions.isEmpty else { return piece.lines }
    let moment = partition.now()
    let (outcomes, windows) = try await partition.read { state in
      var outcomes: [DecisionID: [Outcome]] = [:]
      for shown in piece.decisions where outcomes[shown.record.id] == nil {
        outcomes[shown.record.id] = try state.outcomes.value(shown.record.id, state.read)?.outcomes ?? []
      }
      return (outcomes, state.active.placements.mapValues(\.outcomeWindow))
    }
    var writer = LineWriter()
    for shown in piece.decisions {
      let window = windows[shown.record.placement] ?? Placement.home.outcomeWindow
      shown.write(outcomes[shown.record.id] ?? [], isFinal: moment - shown.record.at > window, into: &writer)
    }
    return writer.bytes
  }

  // MARK: Pieces

  private struct Piece: Sendable {
    var lines: [UInt8] = []
    /// Rows of decisions wait for their outcomes.
    var decisions: [ShownItems] = []
  }

  private static func piece(_ fold: inout TableFold, _ columns: [Column]) throws -> Piece? {
    guard let found = try fold.next(rowsMax: pieceRows, entriesMax: pieceEntries) else { return nil }
    var piece = Piece()
    var writer = LineWriter()
    for row in found {
      let tail = RowTail(row, columns)
      switch row.subject {
      case .decision(let record):
        piece.decisions.append(
          ShownItems(record: record, tail: tail, items: record.shown.map { fold.state.catalog.id(of: $0.item) }))
      case .event(let event): writer.line { tail.write(event, into: &$0) }
      case .moment(let number): writer.line { tail.write(row: number, into: &$0) }
      }
    }
    piece.lines = writer.bytes
    return piece
  }
}

extension Partition {
  /// Begins a training table. Reads the log: not for an event loop.
  ///
  /// - Parameter question: Its moments have come: of later ones nothing is known.
  /// - Throws: `.foldUnderWay` while another table or a replay is under way.
  public func table(_ question: TableQuestion) async throws(EngineError) -> Result<TrainingTable, TableRefusal> {
    let (features, hash, end) = try await read { state in (state.active.features, state.hash, state.end) }
    let names = features.definitions.map(\.name)
    var columns: [TrainingTable.Column] = []
    for name in question.features ?? names where !columns.contains(where: { $0.name == name }) {
      guard let index = features.index(of: name) else {
        let hint = nearestWord(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
        return .failure(TableRefusal(reason: .unknownFeature, message: "there is no feature '\(name)'\(hint)"))
      }
      columns.append(.init(name: name, type: features.definitions[index].type.rawValue, index: index))
    }
    let isFree = shared.isReplaying.withLock { isReplaying in
      defer { isReplaying = true }
      return !isReplaying
    }
    guard isFree else { throw .foldUnderWay }
    do {
      let survey = try TableSurvey(of: question, store: store, hash: hash, upTo: end)
      let fold = try TableFold(survey, question, features: features, store: store, hash: hash, upTo: end)
      return .success(TrainingTable(fold, count: survey.rows.count, columns: columns, of: self))
    } catch {
      shared.isReplaying.withLock { $0 = false }
      switch error {
      case let refusal as TableRefusal: return .failure(refusal)
      case let error as PartitionStoreError: throw EngineError(error)
      default: throw .corrupt("the log cannot be folded: \(error)")
      }
    }
  }
}

// MARK: - Lines

/// Lines of JSON, one object each.
private struct LineWriter {
  private(set) var bytes: [UInt8] = []

  mutating func line(_ content: (inout JSONWriter) -> Void) {
    var writer = JSONWriter(reservingCapacity: 1_024)
    writer.object(content)
    bytes += writer.bytes
    bytes.append(UInt8(ascii: "\n"))
  }
}

/// What every row has: the moment, the person and the features.
private struct RowTail: Sendable {
  let at: Timestamp
  let profile: ProfileID?
  let values: FeatureValues?
  let columns: [TrainingTable.Column]

  init(_ found: TableFold.Found, _ columns: [TrainingTable.Column]) {
    at = found.row.at
    profile = found.profile
    values = found.values
    self.columns = columns
  }

  func write(row: Int, into writer: inout JSONWriter) {
    writer.member("row", row)
    writer.member("at", at)
    write(into: &writer)
  }

  func write(_ event: Event, into writer: inout JSONWriter) {
    writer.member("at", at)
    writer.member("event", event.name)
    writer.member("message_id", event.messageID)
    writer.member("identifier", event.identifiers.first?.description)
    writer.member(
      "item_ids", array: { list in for id in event.itemIDs { list.string(id) } })
    writer.member("value", event.signals.lazy.compactMap(\.value).first)
    write(into: &writer)
  }

  /// Features without a value are left out.
  func write(into writer: inout JSONWriter) {
    writer.member("profile_id", profile?.description)
    writer.member(
      "features",
      object: { writer in
        guard let values else { return }
        for column in columns {
          guard let value = values[column.index] else { continue }
          writer.key(column.name)
          value.write(into: &writer)
        }
      })
  }
}

/// What one decision showed.
private struct ShownItems: Sendable {
  let record: DecisionRecord
  let tail: RowTail
  let items: [String]

  /// - Parameter isFinal: Whether the outcome window of the placement is over: until then what has not come may still come.
  func write(_ outcomes: [Outcome], isFinal: Bool, into writer: inout LineWriter) {
    for (place, (shown, item)) in zip(record.shown, items).enumerated() {
      writer.line { writer in
        writer.member("at", tail.at)
        writer.member("decision_id", record.id.description)
        writer.member("placement", record.placement)
        writer.member("identifier", record.identifiers.first?.description)
        writer.member("holdout", record.isHoldout)
        writer.member("item_id", item)
        writer.member("rank", place + 1)
        writer.member("score", shown.score)
        writer.member("propensity", shown.propensity)
        writer.member(
          "outcomes",
          object: { writer in
            for outcome in outcomes where outcome.item == shown.item {
              writer.member(
                outcome.type,
                object: {
                  $0.member("at", outcome.at)
                  $0.member("value", outcome.value)
                })
            }
          })
        writer.member("final", isFinal)
        tail.write(into: &writer)
      }
    }
  }
}
