public import Engine
import HummingbirdCore
import Learning
public import Logging
import NIOCore
import NIOPosix
public import Primitives
public import ServiceLifecycle
public import Workspaces

/// Where a server can be reached.
public struct ListeningAddress: Sendable, Equatable {
  public let host: String
  public let port: Int

  /// `http://127.0.0.1:8080`
  public var url: String { host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)" }
}

/// The HTTP interface of a process: every route, its limits and its document.
///
/// `run()` listens, opens the partitions of all workspaces that have keys, and answers until a graceful shutdown;
/// then it takes no new connections, finishes what is running and closes the engine.
public struct HTTPServer: Service {
  private let context: ServerContext
  private let onReady: @Sendable (ListeningAddress) async -> Void

  /// - Parameters:
  ///   - random: Unpredictable bits, for ids and keys.
  ///   - onReady: Told once connections are accepted and the partitions are open.
  public init(
    engine: Engine, keys: KeyRing, configuration: HTTPServerConfiguration, logger: Logger,
    now: @escaping @Sendable () -> Timestamp, random: @escaping @Sendable () -> UInt64,
    onReady: @escaping @Sendable (ListeningAddress) async -> Void
  ) {
    context = ServerContext(
      engine: engine, keys: keys, configuration: configuration, logger: logger, now: now, random: random,
      requestLimiter: RateLimiter(limit: configuration.requestRate),
      eventLimiter: RateLimiter(limit: configuration.eventRate), metrics: RequestMetrics(), readiness: Readiness(),
      blockingPool: BlockingPool(threads: configuration.blockingThreads, callsMax: configuration.blockingCallsMax),
      training: TrainingDesk(memoryMax: configuration.trainingMemoryMax, logger: logger, now: now))
    self.onReady = onReady
  }

  /// - Throws: When the address cannot be listened on, or when not one workspace can be opened.
  public func run() async throws {
    let threads = MultiThreadedEventLoopGroup(numberOfThreads: context.configuration.threads)
    context.blockingPool.start()
    let outcome = await outcome { try await serve(on: threads) }
    context.training.close()
    await context.engine.close()
    await context.blockingPool.shutDown()
    try? await threads.shutdownGracefully()  // only fails when it was shut down before
    try outcome.get()
  }

  private func outcome(of body: () async throws -> Void) async -> Result<Void, any Error> {
    do {
      try await body()
      return .success(())
    } catch {
      return .failure(error)
    }
  }

  private func serve(on threads: MultiThreadedEventLoopGroup) async throws {
    let configuration = context.configuration
    let responder = Responder(context: context, table: RouteTable(allRoutes(context)))
    let http = HTTP1Channel(
      responder: { request, writer, _ in try await responder.respond(to: request, writer: writer) },
      configuration: .init(idleTimeout: TimeAmount(configuration.idleTimeout)))
    let (bound, binding) = AsyncStream.makeStream(of: ListeningAddress.self)
    let server = LoopChannel(http).server(
      configuration: ServerConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        availableConnectionsDelegate: MaximumAvailableConnections(
          OpenFiles.connections(wanted: configuration.connectionsMax), logger: context.logger)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? configuration.port
        binding.yield(ListeningAddress(host: configuration.host, port: port))
        binding.finish()
      }, eventLoopGroup: threads, logger: context.logger)

    try await withThrowingTaskGroup(of: Bool.self) { tasks in
      tasks.addTask {
        try await server.run()
        return true
      }
      tasks.addTask {
        for await address in bound { try await becomeReady(at: address) }
        return false
      }
      if let period = configuration.trainingPeriod {
        tasks.addTask {
          await context.training.keepTrained(context.engine, every: period)
          return false
        }
      }
      tasks.addTask {
        try await gracefulShutdown()
        context.readiness.beginStopping()
        // Who waits for a training gets its answer before the drain time is over.
        context.training.close()
        try await Task.sleep(for: configuration.drainTimeout)
        context.logger.warning("requests were still running at the end of the drain time")
        return true
      }
      while let isOver = try await tasks.next(), !isOver {}
      // Else the group would wait for the end of a training that began by itself.
      context.training.close()
      tasks.cancelAll()
    }
  }

  /// Folds what the last checkpoints do not hold; one workspace that cannot be opened does not keep the others from
  /// working.
  private func becomeReady(at address: ListeningAddress) async throws {
    let workspaces = context.keys.workspaces
    var failures: [any Error] = []
    for workspace in workspaces {
      do {
        _ = try await context.engine.partition(of: workspace)
      } catch {
        failures.append(error)
        context.logger.error(
          "workspace cannot be opened", metadata: ["workspace": "\(workspace)", "reason": "\(error)"])
      }
    }
    if let first = failures.first, failures.count == workspaces.count { throw first }
    context.readiness.becomeReady()
    await onReady(address)
  }
}
