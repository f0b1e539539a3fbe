import Engine
import HTTPAPI
import Logging
import ServiceLifecycle
import Workspaces

/// A server within this process, for as long as something is done with it.
enum LocalServer {
  /// Starts a server, gives its address to `body`, and shuts it down when `body` is done.
  ///
  /// - Parameter port: 0 takes a free one.
  static func run<Value: Sendable>(
    engine: Engine, keys: KeyRing, port: Int = 0, logger: Logger,
    _ body: @escaping @Sendable (String) async throws -> Value
  ) async throws -> Value {
    let (addresses, ready) = AsyncStream.makeStream(of: String.self)
    var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: port)
    configuration.trainingMemoryMax = .max  // whoever has the directory decides
    let server = HTTPServer(
      engine: engine, keys: keys, configuration: configuration, logger: logger,
      now: SystemSources.now, random: SystemSources.random, onReady: { ready.yield($0.url) })
    let group = ServiceGroup(services: [server], logger: logger)
    return try await withThrowingTaskGroup(of: Value?.self) { tasks in
      tasks.addTask {
        defer { ready.finish() }
        try await group.run()
        return nil
      }
      tasks.addTask {
        for await address in addresses { return try await body(address) }
        return nil
      }
      var outcome: Value?
      do {
        while let value = try await tasks.next() {
          guard let value else { continue }
          outcome = value
          await group.triggerGracefulShutdown()
        }
      } catch {
        await group.triggerGracefulShutdown()
        throw error
      }
      guard let outcome else { throw CommandFailure("the server ended before the work was done") }
      return outcome
    }
  }
}
