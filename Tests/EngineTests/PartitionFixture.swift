import AttuneTestKit
import Catalog
import Decisions
import Engine
import Events
import Logging
import Primitives
import StorageSQLite
import Synchronization
import Testing

/// A partition on a SQLite store in a folder of its own, with shorthands for what clients do.
struct PartitionFixture {
  let folder: TemporaryFolder
  let engine: Engine
  let partition: Partition
  let clock: ManualClock

  static let begin = Timestamp(iso8601: "2026-03-02T10:00:00Z") ?? Timestamp(seconds: 0)

  /// - Parameters:
  ///   - folder: An earlier fixture's folder, to open what it left.
  ///   - wrap: Puts something between the engine and its store.
  init(
    folder: TemporaryFolder? = nil, clock: ManualClock = ManualClock(at: begin),
    configure: (inout EngineConfiguration) -> Void = { _ in },
    wrap: @escaping @Sendable (SQLitePartitionStore) -> any PartitionStore = { $0 }
  ) async throws {
    let folder = try folder ?? TemporaryFolder()
    self.folder = folder
    self.clock = clock
    let seeds = Mutex(SeededGenerator(seed: 7))
    var configuration = EngineConfiguration { seeds.withLock { $0.next() } }
    // Goes on by a microsecond whenever it is asked: on a busy machine too, no answer is late that was given time.
    let ticks = Mutex(UInt64(0))
    configuration.stopwatch = {
      ticks.withLock { ticks in
        ticks += 1_000; return ticks
      }
    }
    configure(&configuration)
    engine = Engine(
      configuration: configuration, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      now: { clock.now }
    ) { _ in wrap(try SQLitePartitionStore(folder: folder.path)) }
    let workspace = try #require(WorkspaceID("main"))
    partition = try await engine.partition(of: workspace)
  }

  /// Flat events, as `/v1/events` takes them. Message ids are made where they are missing.
  @discardableResult
  func send(_ events: JSONValue...) async throws -> [Acceptance] { try await send(events, shape: .flat) }

  @discardableResult
  func send(_ events: [JSONValue], shape: EventShape) async throws -> [Acceptance] {
    try await partition.accept(try events.map { try intake($0, shape: shape) })
  }

  /// An event as the server hands it over: read with the names in force now.
  func intake(_ event: JSONValue, shape: EventShape = .flat) throws -> Partition.Intake {
    let document = try JSONDocument(parsing: Array(event.text.utf8))
    var receipt = EventReceipt(receivedAt: clock.now, shape: shape)
    receipt.madeMessageID = SortableID(
      time: clock.now, entropy: Digest128(high: 0, low: UInt64.random(in: 0 ... .max)))
    let read = try partition.parser.parse(document.root, receipt: receipt)
    return Partition.Intake(event: read, stored: StoredEvent(read, from: document.root, receipt: receipt))
  }

  func put(_ items: JSONValue...) async throws {
    var changes: [CatalogChange] = []
    for item in items {
      changes.append(try CatalogChange(upserting: try JSONDocument(parsing: Array(item.text.utf8)).root))
    }
    let receipt = try await partition.change(changes)
    #expect(receipt.refused.isEmpty)
  }

  /// Items `shoe-1` … of a category, each a little dearer than the one before.
  func putItems(_ count: Int, category: String) async throws {
    for number in 1...count {
      try await put([
        "item_id": .string("\(category)-\(number)"), "title": .string("\(category) number \(number)"),
        "categories": [.string(category)], "price": .double(Double(number) + 0.5), "currency": "EUR", "stock": 5,
      ])
    }
  }

  func decide(
    _ user: String, placement: String = "home", count: Int? = nil, context: JSONValue? = nil,
    exclude: [String] = [], filter: String? = nil, candidates: [String]? = nil, similarTo: [String] = []
  ) async throws -> DecisionAnswer {
    let view = try context.map { try JSONDocument(parsing: Array($0.text.utf8)).root }
    let request = DecisionRequest(
      identifiers: [.user(user)], placement: placement, count: count, context: view, exclude: exclude, filter: filter,
      candidates: candidates, similarTo: similarTo)
    let answers = try await partition.decide([request])
    return try #require(answers.first).get()
  }

  /// Changes that can be made; those that cannot are left out.
  func change(_ changes: [CatalogChange]) async throws { _ = try await partition.change(changes) }

  func activate(_ text: String) async throws {
    _ = try await partition.activate([DefinitionFile(path: "definitions.yaml", text: text)])
  }

  func recordLetter() async throws {
    try await partition.record([DeadLetter(code: "test", message: "", raw: [], receivedAt: clock.now)])
  }

  func profile(_ user: String) async throws -> JSONValue? {
    guard let view = try await partition.profile(of: .user(user), at: clock.now) else { return nil }
    var writer = JSONWriter()
    view.write(into: &writer)
    return try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
  }

  func decision(_ id: DecisionID?) async throws -> JSONValue {
    let known = try #require(id)
    let view = try #require(try await partition.decision(known))
    var writer = JSONWriter()
    view.write(into: &writer)
    return try JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
  }
}

extension DecisionAnswer {
  var itemIDs: [String] { items.map(\.itemID) }
}
