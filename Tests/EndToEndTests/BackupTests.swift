import Foundation
import Primitives
import Synchronization
import Testing

extension EndToEnd {
  @Suite struct Backups {
    private func body(_ ids: [String]) -> String {
      let events = ids.map { #"{"message_id":"\#($0)","event_type":"view","user_id":"u","item_id":"i"}"# }
      return "[\(events.joined(separator: ","))]"
    }

    private func mode(_ path: String) throws -> Int {
      (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber)?.intValue ?? 0
    }

    /// One sender's state.
    private final class Load: Sendable {
      let sent = Mutex(0)
      let isDone = Mutex(false)
    }

    /// A directory with some events in it, and nobody at it.
    private func filled(_ folder: ScratchFolder) async throws -> String {
      let data = "\(folder.path)/data"
      let server = try await RunningServer(data: data)
      #expect(try await Client(server.url).post("/v1/events", body((0..<200).map { "m\($0)" })).status == 200)
      #expect(await server.stop() == 0)
      return data
    }

    @Test func `a backup under load holds what was acknowledged before it, once, and a beginning of the rest`()
      async throws
    {
      let folder = try ScratchFolder()
      let (data, backup, restored) = ("\(folder.path)/data", "\(folder.path)/backup", "\(folder.path)/restored")
      let server = try await RunningServer(data: data)
      let client = Client(server.url)
      let created = try await client.post("/v1/keys", #"{"workspace":"other","scopes":["collect","read"]}"#).json
      let other = Client(server.url, key: try #require(created["key"]?.string))
      #expect(try await other.post("/v1/events", body(["elsewhere"])).status == 200)
      let models = "\(data)/workspaces/main/models"
      try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
      try Data("weights".utf8).write(to: URL(filePath: "\(models)/ials.model"))

      // One sender, so that what is there must be a beginning of what was sent.
      let load = Load()
      let (enough, begin) = AsyncStream.makeStream(of: Void.self)
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
          for number in 0... {
            let ids = (0..<20).map { "n\(number)-\($0)" }
            guard try await client.post("/v1/events", body(ids)).status == 200 else { break }
            load.sent.withLock { $0 = (number + 1) * 20 }
            if number == 20 { begin.yield() }
            if load.isDone.withLock({ $0 }) { break }
          }
        }
        for await _ in enough { break }
        let before = load.sent.withLock { $0 }
        let output = try await Program.attune("backup", "--data", data, "--to", backup, "--json")
        load.isDone.withLock { $0 = true }
        #expect(output.status == 0, "\(output.errors)")
        #expect(try JSONValue(parsing: output.text)["workspaces"]?.array?.count == 2)
        let made = try await Program.attune("restore", "--from", backup, "--data", restored)
        #expect(made.status == 0, "\(made.errors)")
        try await tasks.waitForAll()

        let again = try await RunningServer(data: restored, chosenKey: nil)
        let ids = try await Client(again.url).messageIDs(ofUser: "u").reversed().map { $0 }
        #expect(ids.count >= before && ids.count <= load.sent.withLock { $0 })
        #expect(ids == ids.indices.map { "n\($0 / 20)-\($0 % 20)" })
        #expect(try await Client(again.url, key: other.key).messageIDs(ofUser: "u") == ["elsewhere"])
        #expect(await again.stop() == 0)
      }
      #expect(
        try Data(contentsOf: URL(filePath: "\(restored)/workspaces/main/models/ials.model")) == Data("weights".utf8))
      for top in [backup, restored] {
        #expect(try mode(top) == 0o700)
        #expect(try mode("\(top)/workspaces/main") == 0o700)
        #expect(try mode("\(top)/attune.db") == 0o600 && mode("\(top)/workspaces/main/log.db") == 0o600)
      }

      // What a server uses is not restored into.
      let refused = try await Program.attune("restore", "--from", backup, "--data", data, "--replace")
      #expect(refused.status == 1 && refused.errors.contains("in use by another attune"), "\(refused.errors)")
      #expect(await server.stop() == 0)
      let examined = try await Program.attune("doctor", "--data", restored, "--deep")
      #expect(examined.status == 0, "\(examined.text)\(examined.errors)")
    }

    @Test func `a directory that is not empty is moved aside only when told to, and nothing is lost`() async throws {
      let folder = try ScratchFolder()
      let data = try await filled(folder)
      let backup = "\(folder.path)/backup"
      #expect(try await Program.attune("backup", "--data", data, "--to", backup).status == 0)
      let twice = try await Program.attune("backup", "--data", data, "--to", backup)
      #expect(twice.status == 1 && twice.errors.contains("is there already"), "\(twice.errors)")
      let refused = try await Program.attune("restore", "--from", backup, "--data", data)
      #expect(refused.status == 1 && refused.errors.contains("not empty"), "\(refused.errors)")
      let replaced = try await Program.attune("restore", "--from", backup, "--data", data, "--replace")
      #expect(replaced.status == 0, "\(replaced.errors)")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let aside = try #require(names.first { $0.hasPrefix("data.replaced-") })
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(aside)/workspaces/main/state.db"))
      #expect(!names.contains { $0.contains(".part-") })
      let server = try await RunningServer(data: data)
      #expect(try await Client(server.url).messageIDs(ofUser: "u").count == 200)
      #expect(await server.stop() == 0)
    }

    @Test func `a backup that was cut off, or changed since, is told and not restored`() async throws {
      let folder = try ScratchFolder()
      let data = try await filled(folder)
      let backup = "\(folder.path)/backup"
      #expect(try await Program.attune("backup", "--data", data, "--to", backup).status == 0)
      let log = "\(backup)/workspaces/main/log.db"
      let bytes = try Data(contentsOf: URL(filePath: log))
      var flipped = bytes
      flipped[flipped.count / 2] ^= 1
      for (content, word) in [(flipped, "SHA-256"), (bytes.dropLast(), "bytes, expected"), (nil, "missing")] {
        try FileManager.default.removeItem(atPath: log)
        if let content { try Data(content).write(to: URL(filePath: log)) }
        let output = try await Program.attune("restore", "--from", backup, "--data", "\(folder.path)/restored")
        #expect(
          output.status == 1 && output.errors.contains(word) && output.errors.contains("log.db"), "\(output.errors)")
        if content == nil { try bytes.write(to: URL(filePath: log)) }
      }
      for name in ["restored", "restored.part"] {
        #expect(try !FileManager.default.contentsOfDirectory(atPath: folder.path).contains { $0.hasPrefix(name) })
      }
      try FileManager.default.removeItem(atPath: "\(backup)/manifest.json")
      let cut = try await Program.attune("restore", "--from", backup, "--data", "\(folder.path)/restored")
      #expect(cut.status == 1 && cut.errors.contains("no whole backup"), "\(cut.errors)")
    }

    @Test func `killed while it copies, a backup leaves nothing under its name`() async throws {
      let folder = try ScratchFolder()
      let data = try await filled(folder)
      let backup = "\(folder.path)/backup"
      let models = "\(data)/workspaces/main/models"
      try FileManager.default.createDirectory(atPath: models, withIntermediateDirectories: true)
      let process = Process()
      process.executableURL = URL(filePath: Program.binary)
      process.arguments = ["backup", "--data", data, "--to", backup]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      let huge = try #require(FileHandle(forWritingAtPath: try Self.emptyFile("\(models)/huge.model")))
      try huge.truncate(atOffset: 8 << 30)  // takes no room on the disk, and long to read
      try process.run()
      let part = "\(backup).part-\(process.processIdentifier)"
      while process.isRunning, !FileManager.default.fileExists(atPath: "\(part)/workspaces/main/models/huge.model") {
        await Task.yield()
      }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(!FileManager.default.fileExists(atPath: backup))
      let output = try await Program.attune("restore", "--from", part, "--data", "\(folder.path)/restored")
      #expect(output.status == 1 && output.errors.contains("no whole backup"), "\(output.errors)")
    }

    private static func emptyFile(_ path: String) throws -> String {
      try Data().write(to: URL(filePath: path))
      return path
    }
  }
}
