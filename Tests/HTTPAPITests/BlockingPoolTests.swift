import AttuneTestKit
import Dispatch
import Primitives
import StorageMemory
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct BlockingPoolTests {
  /// A disk that is slow: whoever reads waits until the test lets go.
  private final class SlowDisk: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let arrivals = AsyncStream.makeStream(of: Void.self)
    private let releases = Atomic(0)

    /// Waits; gives up after a while, so that a reader who holds up the test fails it instead of hanging it.
    func read() {
      arrivals.continuation.yield()
      if gate.wait(timeout: .now() + 20) == .success { releases.add(1, ordering: .relaxed) }
    }

    func untilRead() async { for await _ in arrivals.stream { return } }

    func release() { gate.signal() }

    var releasedReads: Int { releases.load(ordering: .relaxed) }
  }

  private static let event = #"{"event_type":"view","user_id":"u","item_id":"mug","message_id":"m"}"#

  private func profilePath(_ server: TestServer) async throws -> String {
    #expect(try await server.admin.post("/v1/events", Self.event).status == 200)
    #expect(try await server.admin.post("/v1/events", #"{"user_id":"u"}"#).status == 400)
    let profile = try await server.admin.get("/v1/profiles?user_id=u").json
    return "/v1/profiles/\(try #require(profile["profile_id"]?.string))/events"
  }

  @Test func `a call that waits for the disk holds up no other on its thread`() async throws {
    let disk = SlowDisk()
    let store = HookedStore(MemoryPartitionStore(), onRead: { disk.read() })
    // One thread serves all connections.
    try await TestServer.run(openStore: { _ in store }) { server in
      let path = try await profilePath(server)
      let decision = try await server.admin.post("/v1/decide", #"{"user_id":"u"}"#).json
      let decisionID = try #require(decision["decision_id"]?.string)
      for slow in [path, "/v1/decisions/\(decisionID)", "/v1/dead-letters"] {
        async let read = server.admin.get(slow)
        await disk.untilRead()
        let event = Self.event.replacing(#""m""#, with: #""\#(slow)""#)
        #expect(try await server.admin.post("/v1/events", event).status == 200)
        #expect(try await server.admin.post("/v1/decide", #"{"user_id":"u"}"#).status == 200)
        disk.release()
        #expect(try await read.status == 200, "\(slow)")
      }
      #expect(disk.releasedReads == 3)
    }
  }

  @Test func `beyond so many calls that wait for the disk more are refused, and others are not`() async throws {
    let disk = SlowDisk()
    let store = HookedStore(MemoryPartitionStore(), onRead: { disk.read() })
    try await TestServer.run {
      $0.blockingCallsMax = 1
    } openStore: { _ in
      store
    } _: { server in
      let path = try await profilePath(server)
      async let read = server.admin.get(path)
      await disk.untilRead()
      let refused = try await server.admin.get(path)
      #expect(refused.status == 503 && refused.code == "overloaded")
      #expect(refused.headers["retry-after"] == "1")
      #expect(try await server.admin.post("/v1/decide", #"{"user_id":"u"}"#).status == 200)
      disk.release()
      #expect(try await read.status == 200)
      #expect(disk.releasedReads == 1)
      disk.release()
      #expect(try await server.admin.get(path).status == 200)
    }
  }
}
