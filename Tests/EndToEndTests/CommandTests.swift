import Foundation
import Primitives
import Synchronization
import Testing

extension EndToEnd {
  @Suite struct Commands {
    static let names = [
      "serve", "demo", "import", "export", "decide", "explain", "replay", "profile", "features", "dead-letters",
      "check", "apply", "pull", "keys", "tail", "doctor", "evaluate", "propensity", "erase", "train", "models", "table", "backup",
      "restore",
    ]

    @Test(arguments: [
      ["decide", "--user", "u"], ["profile", "--user", "u"], ["export", "events"], ["keys", "list"],
      ["explain", "d_1"],
    ])
    func `a key that nobody has is told, and nothing waits`(arguments: [String]) async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      for (key, told) in [(["--key", "wrong"], "no workspace has this key"), ([], "a key is needed")] {
        // A challenge that a client answers by waiting for a password shows as the status 124 of `timeout`.
        let output = try await Program.run(
          "/usr/bin/timeout", ["30", Program.binary] + arguments + ["--server", server.url] + key)
        #expect(output.status == 1)
        #expect(output.errors.contains(told), "\(output.errors)")
      }
      #expect(await server.stop() == 0)
    }

    @Test func `a directory is examined, a decision made again, an item's absence told`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      _ = try await client.send("PUT", "/v1/catalog/items", #"[{"item_id":"mug"},{"item_id":"pan","stock":0}]"#)
      let id = try #require(try await client.post("/v1/decide", #"{"user_id":"ada"}"#).json["decision_id"]?.string)
      #expect(await server.stop() == 0)
      let examined = try await Program.attune("doctor", "--data", folder.path, "--deep")
      #expect(examined.status == 0 && examined.text.contains("nothing is wrong"), "\(examined.text)")
      let again = try await Program.attune("replay", id, "--data", folder.path)
      #expect(again.status == 0 && again.text.hasPrefix("the same"), "\(again.text)")
      let sample = try await Program.attune("replay", "--sample", "1000", "--data", folder.path, "--json")
      let summary = try JSONValue(parsing: sample.text)
      #expect(sample.status == 0 && summary["replayed"] == 1 && summary["reproduced"] == 1, "\(sample.text)")
      for (item, told) in [("pan", "stock is 0"), ("never", "nobody has heard of it")] {
        let output = try await Program.attune("explain", id, "--item", item, "--data", folder.path)
        #expect(output.status == 0 && output.text.contains(told), "\(output.text) \(output.errors)")
      }
    }

    @Test(arguments: names)
    func `every command helps with an example`(name: String) async throws {
      let output = try await Program.attune(name, "--help")
      #expect(output.status == 0)
      #expect(output.text.contains("EXAMPLE"))
      #expect(output.text.contains("attune \(name)"))
    }

    @Test(arguments: [
      ["sevre"], ["serve"], ["decide", "--data", "d"], ["decide", "--user", "u"],
      ["keys", "create", "--scopes", "all"], ["replay", "--data", "d"],
      ["replay", "d_1", "--sample", "2", "--data", "d"],
      ["profile", "--data", "d"], ["serve", "--data", "d", "--port", "70000"],
    ])
    func `what is not understood exits with 2 and says what is`(arguments: [String]) async throws {
      let output = try await Program.run(Program.binary, arguments)
      #expect(output.status == 2, "\(arguments): \(output.errors)")
      #expect(output.errors.contains("Usage:") || output.errors.contains("Error:"))
      #expect(output.text.isEmpty)
    }

    @Test func `a directory that a server uses is refused in clear words`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      for arguments in [["decide", "--user", "u"], ["keys", "list"], ["export", "events"]] {
        let output = try await Program.run(Program.binary, arguments + ["--data", folder.path])
        #expect(output.status == 1)
        #expect(output.errors.contains("in use by another attune"), "\(output.errors)")
        #expect(output.errors.contains("--server"))
      }
      #expect(await server.stop() == 0)
      #expect(try await Program.attune("keys", "list", "--data", folder.path).status == 0)
    }

    @Test(arguments: ["d", "./data", "a/b", "e/"])
    func `a data directory may be named from where one stands`(path: String) async throws {
      let folder = try ScratchFolder()
      let made = try await Program.attune("keys", "create", "--scopes", "read", "--data", path, folder: folder.path)
      #expect(made.status == 0, "\(made.errors.prefix(300))")
      #expect(FileManager.default.fileExists(atPath: "\(folder.path)/\(path)/attune.db"))
    }

    @Test func `the first start shows an admin key once`() async throws {
      let folder = try ScratchFolder()
      let first = try await RunningServer(data: folder.path, chosenKey: nil)
      let key = try #require(first.log.split(whereSeparator: { $0.isWhitespace }).first { $0.hasPrefix("atn_") })
      #expect(try await Client(first.url, key: String(key)).get("/v1/keys").status == 200)
      #expect(await first.stop() == 0)
      let second = try await RunningServer(data: folder.path, chosenKey: nil)
      #expect(!second.log.contains("atn_"))
      #expect(try await Client(second.url, key: String(key)).get("/v1/keys").status == 200)
      #expect(await second.stop() == 0)
    }

    @Test func `a file is imported once, and its bad lines are set aside`() async throws {
      let folder = try ScratchFolder()
      let data = "\(folder.path)/data"
      let events = "\(folder.path)/events.jsonl"
      let lines = (0..<50).map { #"{"event_type":"view","user_id":"u\#($0 % 5)","item_id":"i\#($0)"}"# }
      try (lines + ["nonsense", #"{"event_type":"view","item_id":"nobody"}"#]).joined(separator: "\n")
        .write(toFile: events, atomically: true, encoding: .utf8)
      let begun = try await RunningServer(data: data)
      #expect(await begun.stop() == 0)
      for round in 0..<2 {
        let output = try await Program.attune("import", events, "--data", data, "--json")
        #expect(output.status == 0, "\(output.errors)")
        let file = try #require(try JSONValue(parsing: output.text)["files"]?.array?.first)
        #expect(file["accepted"] == .int(round == 0 ? 50 : 0))
        #expect(file["duplicates"] == .int(round == 0 ? 0 : 50))
        #expect(file["rejected"] == 2)
      }
      let rejected = try String(contentsOfFile: "\(events).rejected.jsonl", encoding: .utf8)
      let places = try rejected.split(separator: "\n").map { try JSONValue(parsing: String($0))["line"]?.int }
      #expect(places.sorted { ($0 ?? 0) < ($1 ?? 0) } == [51, 52])
      #expect(!FileManager.default.fileExists(atPath: "\(events).import-state.json"))

      let copy = "\(folder.path)/copy.jsonl"
      #expect(try await Program.attune("export", "events", "--data", data, "--output", copy).status == 0)
      let again = try await Program.attune("import", copy, "--data", data, "--json")
      #expect(try JSONValue(parsing: again.text)["files"]?.array?.first?["duplicates"] == 50, "an export knows its ids")
    }

    @Test func `an import that begins a directory says so, once`() async throws {
      let folder = try ScratchFolder()
      let (data, events) = ("\(folder.path)/data", "\(folder.path)/events.jsonl")
      try "".write(toFile: events, atomically: true, encoding: .utf8)
      for isFirst in [true, false] {
        let output = try await Program.attune("import", events, "--data", data)
        #expect(output.status == 0 && output.text.contains("0 events"), "\(output.errors)")
        #expect(output.errors.contains("no data directory was at \(data)") == isFirst, "\(output.errors)")
      }
    }

    @Test(arguments: ["missing", "empty"])
    func `data without the file of its keys warns that they are gone`(mishap: String) async throws {
      let folder = try ScratchFolder()
      #expect(await (try RunningServer(data: folder.path)).stop() == 0)
      let documents = "\(folder.path)/attune.db"
      try FileManager.default.removeItem(atPath: documents)
      if mishap == "empty" { try Data().write(to: URL(filePath: documents)) }
      for isTold in [true, false] {
        let server = try await RunningServer(data: folder.path)
        #expect(server.log.contains("\(documents) is missing or empty") == isTold, "\(server.log)")
        #expect(await server.stop() == 0)
      }
    }

    @Test func `a folder without definitions is refused, and an empty file brings back what is built in`() async throws
    {
      let folder = try ScratchFolder()
      let (data, definitions) = ("\(folder.path)/data", "\(folder.path)/definitions")
      try FileManager.default.createDirectory(atPath: definitions, withIntermediateDirectories: true)
      #expect(await (try RunningServer(data: data)).stop() == 0)
      for arguments in [["check", definitions], ["apply", definitions, "--data", data]] {
        let refused = try await Program.run(Program.binary, arguments)
        #expect(refused.status == 1 && refused.errors.contains("no definition file"), "\(refused.errors)")
      }
      try "".write(toFile: "\(definitions)/empty.yaml", atomically: true, encoding: .utf8)
      #expect(try await Program.attune("check", definitions).text == "1 file, no errors\n")
      #expect(try await Program.attune("apply", definitions, "--data", data).text == "version 1 is in force (1 file)\n")
    }

    @Test func `a decision can be asked for and explained, from a directory and from a server`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      let client = Client(server.url)
      _ = try await client.send(
        "PUT", "/v1/catalog/items", #"[{"item_id":"mug","title":"Blue mug"},{"item_id":"pan","title":"Iron pan"}]"#)
      let remote = ["--server", server.url, "--key", RunningServer.adminKey]
      let asked = try await Program.run(Program.binary, ["decide", "--user", "u", "--json"] + remote)
      #expect(asked.status == 0, "\(asked.errors)")
      let decision = try JSONValue(parsing: asked.text)
      let id = try #require(decision["decision_id"]?.string)
      #expect(decision["items"]?.array?.count == 2)
      let explained = try await Program.run(Program.binary, ["explain", id] + remote)
      #expect(explained.text.contains("mug"))
      let unknown = try await Program.run(Program.binary, ["decide", "--user", "u", "--placement", "hmoe"] + remote)
      #expect(unknown.status == 1)
      #expect(unknown.errors.contains("hmoe"))
      #expect(await server.stop() == 0)

      let local = ["--data", folder.path]
      let same = try await Program.run(Program.binary, ["explain", id, "--json"] + local)
      #expect(same.status == 0, "\(same.errors)")
      #expect(same.text.contains(id))
      #expect(try await Program.run(Program.binary, ["decide", "--user", "u"] + local).text.contains("Blue mug"))
      let foreign = try await Program.run(Program.binary, ["decide", "--user", "u", "--workspace", "shop"] + local)
      #expect(foreign.status == 1)
      #expect(foreign.errors.contains("there is no workspace 'shop'"))
    }

    @Test func `definitions are checked with places, applied whole, and pulled back as they were`() async throws {
      let folder = try ScratchFolder()
      let definitions = "\(folder.path)/definitions"
      try FileManager.default.createDirectory(atPath: definitions, withIntermediateDirectories: true)
      let file = "\(definitions)/placements.yaml"
      try "placements:\n  home:\n    cuont: 5\n".write(toFile: file, atomically: true, encoding: .utf8)
      let bad = try await Program.attune("check", definitions)
      #expect(bad.status == 1)
      #expect(bad.text.contains("placements.yaml:3:5"), "\(bad.text)")
      #expect(bad.text.contains("did you mean 'count'?"))

      let data = "\(folder.path)/data"
      let begun = try await RunningServer(data: data)
      #expect(await begun.stop() == 0)
      let refused = try await Program.attune("apply", definitions, "--data", data)
      #expect(refused.status == 1)
      #expect(refused.errors.contains("placements.yaml:3:5"), "\(refused.errors)")

      let text = "placements:\n  home:\n    count: 5\n"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      #expect(try await Program.attune("check", definitions).status == 0)
      #expect(try await Program.attune("apply", definitions, "--data", data).text.contains("version 1"))
      let pulled = "\(folder.path)/pulled"
      #expect(try await Program.attune("pull", pulled, "--data", data).status == 0)
      #expect(try String(contentsOfFile: "\(pulled)/placements.yaml", encoding: .utf8) == text)

      // A server that is started with the same files makes no new version of them.
      let server = try await RunningServer(data: data, arguments: ["--definitions", definitions])
      #expect(try await Client(server.url).get("/v1/definitions").json["version"] == 1)
      #expect(await server.stop() == 0)
    }

    @Test func `tail shows what happens`() async throws {
      let folder = try ScratchFolder()
      let server = try await RunningServer(data: folder.path)
      async let tail = Program.attune(
        "tail", "--limit", "1", "--kinds", "event", "--json", "--server", server.url, "--key", RunningServer.adminKey)
      // Sent until the watcher, who may not be there yet, has seen one.
      let client = Client(server.url)
      // Told by a flag, not by cancellation: cancelling a URLSession call as it finishes can deadlock in Foundation.
      let isSeen = Atomic(false)
      async let sending: Void = {
        var number = 0
        while !isSeen.load(ordering: .relaxed) {
          number += 1
          _ = try await client.post(
            "/v1/events", #"{"message_id":"m\#(number)","event_type":"view","user_id":"u","item_id":"mug"}"#)
        }
      }()
      let output = try await tail
      isSeen.store(true, ordering: .relaxed)
      try await sending
      let seen = try JSONValue(parsing: output.text)
      #expect(seen["name"] == "view")
      #expect(seen["items"] == ["mug"])
      #expect(await server.stop() == 0)
    }

    @Test func `the demo shows that personalised answers are clicked more`() async throws {
      let output = try await Program.attune("demo", "--seconds", "5", "--exit", "--json", "--rate", "50")
      #expect(output.status == 0, "\(output.errors)")
      let report = try JSONValue(parsing: output.text)
      #expect(report["errors"] == 0, "\(output.text)")
      #expect(try #require(report["decisions"]?.int) > 20)
      #expect(try #require(report["events"]?.int) > 500)
      let clicks = try #require(report["clicks_per_decision"])
      #expect(try #require(clicks["personalised"]?.double) > 0)
      #expect(clicks["interval"]?.array?.count == 2 || clicks["inconclusive"] != nil)
    }
  }
}
