import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Primitives
import Synchronization

/// Sends what the shop's people do to a running server, as the shop's own clients would.
///
/// Strolls go as Segment batches, as from a library that collects for half a second; questions and what follows from their
/// answers go one by one, as from a page. Questions leave on schedule, whatever the server does, and a latency counts from
/// the scheduled moment.
final class DemoTraffic: Sendable {
  struct Rates: Sendable {
    /// Questions a second.
    var decisions = 300.0
    /// Events of strolls a second.
    var strollEvents = 2_000.0
  }

  static let itemsPerAnswer = 6
  private static let connectionCount = 8

  let shop: Shop
  let people: [Shopper]
  private let host: String
  private let port: Int
  private let key: String
  private let seed: UInt64
  private let now: @Sendable () -> Timestamp
  /// Tells this run's events from those of another on the same data.
  private let runID: String
  private let isOpen = Atomic(true)
  private let activitySums: [Double]
  private let board = Mutex(DemoScores())
  /// Units sold of each item, to keep the catalogue's stock true.
  private let sold = Mutex<[Int: Int]>([:])

  init(
    shop: Shop, peopleCount: Int, host: String, port: Int, key: String, seed: UInt64,
    now: @escaping @Sendable () -> Timestamp
  ) {
    self.shop = shop
    self.host = host
    self.port = port
    self.key = key
    self.seed = seed
    self.now = now
    runID = "\(seed)-\(now().microseconds)"
    people = (0..<peopleCount).map { Shopper(number: $0, seed: seed) }
    var sum = 0.0
    activitySums = people.map {
      sum += $0.activity
      return sum
    }
  }

  var scores: DemoScores { board.withLock { $0 } }

  /// Puts the catalogue in place and sends what happened in the shop during the week before.
  /// - Returns: How many events of history were stored.
  func prepare(historyStrolls: Int, on group: any EventLoopGroup) async throws -> Int {
    let connection = try await KeepAliveConnection.open(host: host, port: port, key: key, on: group)
    let put = try await connection.send(.PUT, "/v1/catalog/items", json: shop.catalogue(now: now()))
    guard put.status == 200 else { throw DemoFailure("PUT /v1/catalog/items answered \(put.status): \(put.text)") }

    var generator = SeededGenerator(seed: seed ^ 0x7765_656B)
    var events: [[UInt8]] = []
    var count = 0
    let week = 7 * 86_400.0
    for number in 0..<historyStrolls {
      let shopper = person(using: &generator)
      let start = now() - .seconds(week * (1 - Double(number) / Double(historyStrolls)))
      events += ShopEvents.segment(
        shopper.stroll(in: shop, using: &generator), of: shopper, shop: shop, start: start,
        id: { "history-\(self.runID)-\(number)-\($0)" })
      if events.count >= 500 || number == historyStrolls - 1 {
        try await send(batch: events, over: connection)
        count += events.count
        events = []
      }
    }
    await connection.close()
    return count
  }

  /// Ends the shopping.
  func close() { isOpen.store(false, ordering: .relaxed) }

  /// Has a model trained on all that happened, and scores what comes after apart.
  func train(on group: any EventLoopGroup) async throws {
    let connection = try await KeepAliveConnection.open(host: host, port: port, key: key, on: group)
    let clock = ContinuousClock()
    let begin = clock.now
    let answer = try await connection.send(.POST, "/v1/train?wait=true", json: Array("{}".utf8))
    guard answer.status == 200, let run = try JSONDocument(parsing: answer.body).root["run"]?.value else {
      throw DemoFailure("POST /v1/train answered \(answer.status): \(answer.text)")
    }
    await connection.close()
    let training = DemoTraining(run: run, seconds: (clock.now - begin).inSeconds)
    board.withLock { $0.begin(after: training) }
  }

  /// Sends traffic until `close()`, then waits for the last answers.
  func run(_ rates: Rates, on group: any EventLoopGroup) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      for lane in 0..<Self.connectionCount {
        tasks.addTask {
          try await self.askAndReact(
            lane: lane, start: start, perSecond: rates.decisions / Double(Self.connectionCount),
            on: group)
        }
      }
      tasks.addTask {
        try await self.stroll(start: start, perSecond: rates.strollEvents, on: group)
      }
      try await tasks.waitForAll()
    }
  }

  private func record(_ change: (inout Scoreboard) -> Void) { board.withLock { $0.record(change) } }

  private func askAndReact(
    lane: Int, start: ContinuousClock.Instant, perSecond: Double,
    on group: any EventLoopGroup
  ) async throws {
    let connection = try await KeepAliveConnection.open(host: host, port: port, key: key, on: group)
    var generator = SeededGenerator(seed: seed &+ 1_000 &+ UInt64(lane))
    let clock = ContinuousClock()
    var due = start
    // Whoever could not be served in time does not shop after closing.
    while isOpen.load(ordering: .relaxed) {
      if clock.now < due { try await clock.sleep(until: due) }
      let shopper = person(using: &generator)
      do {
        try await visit(shopper, due: due, connection: connection, using: &generator)
      } catch let failure as DemoFailure {
        record { $0.recordError(failure.description) }
      }
      // Poisson arrivals: people do not come at even intervals.
      due += .seconds(-log(1 - generator.nextUnit()) / perSecond)
    }
    await connection.close()
  }

  private func visit(
    _ shopper: Shopper, due: ContinuousClock.Instant, connection: KeepAliveConnection,
    using generator: inout SeededGenerator
  ) async throws {
    let question = ShopEvents.question(of: shopper, count: Self.itemsPerAnswer)
    let answer = try await connection.send(.POST, "/v1/decide", json: question)
    let latency = ContinuousClock().now - due
    guard answer.status == 200, let decision = try? JSONDocument(parsing: answer.body).root else {
      throw DemoFailure("POST /v1/decide answered \(answer.status): \(answer.text)")
    }
    record { $0.recordDecision(latency: latency) }
    guard let decisionID = decision["decision_id"]?.string, let items = decision["items"] else {
      throw DemoFailure("a decision was not recorded: \(answer.text)")
    }
    let shown = items.elements.compactMap { $0["item_id"]?.string.flatMap(shop.index(of:)) }
    let reactions = shopper.reactions(to: shown, shop: shop, using: &generator)
    record {
      $0.recordReactions(
        person: shopper.number, isHoldout: decision["holdout"]?.bool == true, reactions: reactions)
    }
    guard !reactions.isEmpty else { return }
    let body = ShopEvents.outcomes(reactions, of: shopper, shop: shop, decisionID: decisionID, now: now())
    let stored = try await connection.send(.POST, "/v1/events", json: body)
    guard stored.status == 200 else { throw DemoFailure("POST /v1/events answered \(stored.status): \(stored.text)") }
    record { $0.recordEvents(reactions.count) }
    for reaction in reactions where reaction.act.isPurchase { try await sell(reaction.item, over: connection) }
  }

  /// Takes one unit from the stock that the catalogue knows of.
  private func sell(_ item: Int, over connection: KeepAliveConnection) async throws {
    let count = sold.withLock { sold in
      sold[item, default: 0] += 1
      return sold[item] ?? 0
    }
    var writer = JSONWriter()
    writer.object { $0.member("stock", max(0, shop.items[item].stock - count)) }
    let patched = try await connection.send(.PATCH, "/v1/catalog/items/\(shop.items[item].id)", json: writer.bytes)
    guard patched.status == 200 else {
      throw DemoFailure("PATCH /v1/catalog/items answered \(patched.status): \(patched.text)")
    }
  }

  private func stroll(
    start: ContinuousClock.Instant, perSecond: Double, on group: any EventLoopGroup
  ) async throws {
    let connection = try await KeepAliveConnection.open(host: host, port: port, key: key, on: group)
    var generator = SeededGenerator(seed: seed &+ 77)
    let clock = ContinuousClock()
    var due = start
    var number = 0
    while isOpen.load(ordering: .relaxed) {
      if clock.now < due { try await clock.sleep(until: due) }
      var events: [[UInt8]] = []
      while events.count < 100 {
        let shopper = person(using: &generator)
        number += 1
        let stroll = number
        events += ShopEvents.segment(
          shopper.stroll(in: shop, using: &generator), of: shopper, shop: shop, start: now() - .seconds(60),
          id: { "stroll-\(self.runID)-\(stroll)-\($0)" })
      }
      do {
        try await send(batch: events, over: connection)
        let count = events.count
        record { $0.recordEvents(count) }
      } catch let failure as DemoFailure {
        record { $0.recordError(failure.description) }
      }
      due += .seconds(Double(events.count) / perSecond)
    }
    await connection.close()
  }

  private func send(batch events: [[UInt8]], over connection: KeepAliveConnection) async throws {
    var writer = JSONWriter(reservingCapacity: events.count * 600)
    writer.object {
      $0.member("batch", array: { list in for event in events { list.raw(event) } })
      $0.member("sentAt", now())
    }
    let answer = try await connection.send(.POST, "/v1/batch", json: writer.bytes)
    guard answer.status == 200 else { throw DemoFailure("POST /v1/batch answered \(answer.status): \(answer.text)") }
  }

  /// Who comes most often.
  var regular: Shopper { people.max { $0.activity < $1.activity } ?? people[0] }

  /// Somebody, the active ones more often.
  private func person(using generator: inout SeededGenerator) -> Shopper {
    let draw = generator.nextUnit() * (activitySums.last ?? 0)
    var low = 0
    var high = activitySums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if activitySums[middle] <= draw { low = middle + 1 } else { high = middle }
    }
    return people[low]
  }
}

struct DemoFailure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

extension KeepAliveConnection.Answer {
  /// The beginning of the body, for messages.
  var text: String { String(decoding: body.prefix(300), as: UTF8.self) }
}
