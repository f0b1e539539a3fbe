import Foundation
import Primitives
import Synchronization
import Testing

extension EndToEnd {
  @Suite struct Durability {
    private func event(_ id: String, user: String) -> String {
      #"{"message_id":"\#(id)","event_type":"view","user_id":"\#(user)","item_id":"i"}"#
    }

    @Test func `a message id counts once, also after a restart`() async throws {
      let folder = try ScratchFolder()
      let body = "[\(event("once", user: "u")),\(event("once", user: "u")),\(event("twice", user: "u"))]"
      for round in 0..<3 {
        let server = try await RunningServer(data: folder.path)
        let client = Client(server.url)
        let answer = try await client.post("/v1/events", body).json
        #expect(answer["accepted"] == .int(round == 0 ? 2 : 0))
        #expect(answer["duplicates"] == .int(round == 0 ? 1 : 3))
        #expect(try await client.messageIDs(ofUser: "u").sorted() == ["once", "twice"])
        #expect(await server.stop() == 0)
      }
    }

    @Test func `a state file that cannot be used is folded again, and the log says so without naming anybody`()
      async throws
    {
      let folder = try ScratchFolder()
      for round in 0..<2 {
        let server = try await RunningServer(data: folder.path)
        let answer = try await Client(server.url).post("/v1/events", "[\(event("m", user: "somebody"))]").json
        #expect(answer["duplicates"] == .int(round == 0 ? 0 : 1))
        #expect(await server.stop() == 0)
        let told = server.log.split(separator: "\n").first { $0.contains("a file was mended") }
        #expect(told?.contains(#""workspace":"main""#) == (round == 1 ? true : nil))
        #expect(!server.log.contains("somebody"))
        let state = URL(filePath: folder.path + "/workspaces/main/state.db")
        try Data(repeating: 0x41, count: 8_192).write(to: state)
      }
    }

    @Test func `what was acknowledged survives a kill, and nothing counts twice`() async throws {
      let folder = try ScratchFolder()
      var acknowledged: [String: Set<String>] = [:]
      // Benchmarks/README.md asks for more rounds.
      let rounds = ProcessInfo.processInfo.environment["ATTUNE_KILL_ROUNDS"].flatMap { Int($0) } ?? 4
      for round in 0..<rounds {
        let server = try await RunningServer(data: folder.path)
        for (id, user) in await sendUntilKilled(server, round: round) { acknowledged[user, default: []].insert(id) }
      }

      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      for (user, ids) in acknowledged {
        let stored = try await client.messageIDs(ofUser: user)
        #expect(Set(stored).count == stored.count, "\(user) has an event twice")
        #expect(ids.subtracting(stored).isEmpty, "\(user) lost an acknowledged event")
        // Sent again, as clients do that saw no answer, they count no second time.
        let again = try await client.post("/v1/events", "[\(ids.map { event($0, user: user) }.joined(separator: ","))]")
          .json
        #expect(again["duplicates"] == .int(Int64(ids.count)))
      }
      #expect(acknowledged.values.reduce(0) { $0 + $1.count } > 500)
      #expect(await server.stop() == 0)
    }

    /// Eight senders at once; the server is killed while they send. Gives what it had acknowledged: ids and users.
    private func sendUntilKilled(_ server: RunningServer, round: Int) async -> [(String, String)] {
      let client = Client(server.url)
      let answers = AnswerCount()
      return await withTaskGroup(of: [(String, String)].self) { tasks in
        for lane in 0..<8 {
          tasks.addTask {
            var stored: [(String, String)] = []
            for number in 0... {
              let batch = (0..<20).map { ("r\(round)-l\(lane)-n\(number)-\($0)", "user-\((lane + $0) % 10)") }
              let body = "[\(batch.map { event($0.0, user: $0.1) }.joined(separator: ","))]"
              guard let answer = try? await client.post("/v1/events", body), answer.status == 200 else { break }
              stored += batch
              if answers.next() == 40 { await server.kill() }
            }
            return stored
          }
        }
        return await tasks.reduce(into: []) { $0 += $1 }
      }
    }

    private final class AnswerCount: Sendable {
      private let count = Mutex(0)
      func next() -> Int {
        count.withLock { count in
          count += 1
          return count
        }
      }
    }
  }
}
