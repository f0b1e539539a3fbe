import Foundation
import FoundationNetworking
import Primitives
import Testing

extension EndToEnd {
  @Suite struct Bodies {
    /// The most memory that the process has held, in KiB.
    private func peakMemory(of server: RunningServer) throws -> Int {
      let status = try String(contentsOfFile: "/proc/\(server.processID)/status", encoding: .utf8)
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
      return try #require(line.split(separator: " ").compactMap { Int($0) }.first)
    }

    @Test func `gzip bombs are refused without being unpacked`() async throws {
      let folder = try ScratchFolder()
      let bomb = "\(folder.path)/bomb.gz"
      let made = try await Program.run(
        "/bin/sh", ["-c", "head -c 400000000 /dev/zero | tr '\\0' ' ' | gzip -9 > \(bomb)"])
      #expect(made.status == 0, "\(made.errors)")
      let body = try Data(contentsOf: URL(filePath: bomb))
      #expect(body.count < 1_000_000)

      let server = try await RunningServer(data: folder.path + "/data")
      let before = try peakMemory(of: server)
      let client = Client(server.url)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for (method, path) in [
          ("POST", "/v1/batch"), ("POST", "/v1/import"), ("POST", "/v1/events"), ("POST", "/v1/decide"),
          ("PUT", "/v1/catalog/items"), ("PUT", "/v1/definitions"),
        ] {
          tasks.addTask {
            let answer = try await client.send(method, path, body, headers: ["Content-Encoding": "gzip"])
            #expect(answer.status == 400 && answer.code == "body_too_large", "\(path): \(answer.text)")
          }
        }
        try await tasks.waitForAll()
      }
      #expect(try peakMemory(of: server) < before + 200_000)
      #expect(try await client.post("/v1/events", #"{"event_type":"e","user_id":"u"}"#).status == 200)
      #expect(await server.stop() == 0)
    }
  }
}
