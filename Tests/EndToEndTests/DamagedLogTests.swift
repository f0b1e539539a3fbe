import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct DamagedLog {
    private static let pageBytes = 8_192

    private enum End { case kill, stop }

    /// A data directory with thirty acknowledged events, ended in one way or the other.
    private func written(_ end: End) async throws -> (folder: ScratchFolder, log: String) {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      for number in 0..<30 {
        let text = String(repeating: "x", count: 2_000)
        let event = #"{"message_id":"m\#(number)","event_type":"e","user_id":"u","properties":{"x":"\#(text)"}}"#
        #expect(try await client.post("/v1/events", event).status == 200)
      }
      switch end {
      case .kill: await server.kill()
      case .stop: #expect(await server.stop() == 0)
      }
      return (folder, "\(folder.path)/workspaces/main/log.db")
    }

    /// Garbles the last page of a file; gives what was there.
    private func garbleLastPage(of path: String) throws -> Data {
      let whole = try Data(contentsOf: URL(filePath: path))
      var damaged = whole
      for index in damaged.count - Self.pageBytes..<damaged.count { damaged[index] ^= 0x5A }
      try damaged.write(to: URL(filePath: path))
      return whole
    }

    private func expectEverything(in folder: ScratchFolder) async throws {
      let server = try await RunningServer(data: folder.path)
      let stored = try await Client(server.url).messageIDs(ofUser: "u")
      #expect(stored == (0..<30).reversed().map { "m\($0)" })
      #expect(await server.stop() == 0)
    }

    @Test func `a start without the last acknowledged commits is refused with what is missing and how to go on`()
      async throws
    {
      let (folder, log) = try await written(.kill)
      let whole = try garbleLastPage(of: log + "-wal")
      let refused = await #expect(throws: RunningServer.DidNotStart.self) { try await RunningServer(data: folder.path) }
      let words = refused?.description ?? ""
      #expect(
        words.contains("\(log) is damaged: the log ends at entry 30, but entries up to 31 were acknowledged"),
        "\(words)")
      #expect(words.contains("delete \(log)-end"), "\(words)")

      let copy = folder.path + "-accepted"
      try FileManager.default.copyItem(atPath: folder.path, toPath: copy)
      defer { try? FileManager.default.removeItem(atPath: copy) }
      try FileManager.default.removeItem(atPath: "\(copy)/workspaces/main/log.db-end")
      let accepted = try await RunningServer(data: copy)
      #expect(try await Client(accepted.url).messageIDs(ofUser: "u").count == 29, "one is lost, as was accepted")
      #expect(await accepted.stop() == 0)

      try whole.write(to: URL(filePath: log + "-wal"))
      try await expectEverything(in: folder)
    }

    @Test func `a log whose last page is damaged is named with what to do, and is whole again once restored`()
      async throws
    {
      let (folder, log) = try await written(.stop)
      let whole = try garbleLastPage(of: log)
      let refused = await #expect(throws: RunningServer.DidNotStart.self) { try await RunningServer(data: folder.path) }
      let words = refused?.description ?? ""
      #expect(words.contains("\(log) is damaged") && words.contains("restore this file from a backup"), "\(words)")
      try whole.write(to: URL(filePath: log))
      try await expectEverything(in: folder)
    }
  }
}
