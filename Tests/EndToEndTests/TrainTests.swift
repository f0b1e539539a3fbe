import Foundation
import Primitives
import Testing

extension EndToEnd {
  /// `attune train` and `attune models` on a real directory.
  @Suite struct Train {
    /// Two groups of taste among sixty people.
    private static let events = (0..<60).flatMap { person in
      (0..<6).map { place in
        let item = 2 * ((person / 2 * 3 + place) % 9) + person % 2
        return
          #"{"user_id":"u\#(person)","event_type":"view","item_id":"i\#(item)","message_id":"m\#(person)-\#(place)"}"#
      }
    }

    /// A data directory with people who like things; stopped.
    private func prepared() async throws -> ScratchFolder {
      let folder = try ScratchFolder()
      let data = "\(folder.path)/data"
      let begun = try await RunningServer(data: data)
      #expect(await begun.stop() == 0)
      let file = "\(folder.path)/events.jsonl"
      try Self.events.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      let imported = try await Program.attune("import", file, "--data", data)
      #expect(imported.status == 0, "\(imported.errors)")
      return folder
    }

    private func modelFiles(in data: String) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: "\(data)/workspaces/main/models").sorted()
    }

    @Test func `a model is trained, answers, and the one before it does when its file is damaged`() async throws {
      let folder = try await prepared()
      let data = "\(folder.path)/data"
      for version in 1...2 {
        let trained = try await Program.attune("train", "--data", data, "--dimensions", "8", "--json")
        #expect(trained.status == 0, "\(trained.errors)")
        let run = try JSONValue(parsing: trained.text)
        #expect(run["outcome"] == "live" && run["version"]?.int == Int64(version))
      }
      let listed = try await Program.attune("models", "--data", data)
      #expect(listed.status == 0 && listed.text.contains("serves"), "\(listed.text)")
      let asked = try await Program.attune("decide", "--user", "u1", "--data", data, "--json")
      #expect(try JSONValue(parsing: asked.text)["versions"]?["ials"] == "2")

      let path = "\(data)/workspaces/main/models/00000002.model"
      let whole = try Data(contentsOf: URL(filePath: path))
      try whole.prefix(whole.count / 2).write(to: URL(filePath: path))
      let server = try await RunningServer(data: data)
      let client = Client(server.url)
      let models = try await client.get("/v1/models").json
      #expect(models["champion"]?.int == 2 && models["serving"]?.int == 1)
      let fault = models["faults"]?.array?.first
      #expect(fault?["version"]?.int == 2 && fault?["reason"]?.string?.contains("cut short") == true, "\(models)")
      #expect(server.log.contains("a model cannot serve"), "\(server.log)")
      let decision = try await client.post("/v1/decide", #"{"user_id":"u1"}"#).json
      #expect(decision["versions"]?["ials"] == "1" && decision["items"]?.array?.isEmpty == false)
      #expect(await server.stop() == 0)

      let told = try await Program.attune("models", "--data", data)
      #expect(told.text.contains("model 2 cannot serve") && told.text.contains("cut short"), "\(told.text)")
      let rolled = try await Program.attune("models", "rollback", "--data", data)
      #expect(rolled.status == 0 && rolled.text.contains("model 1 serves"), "\(rolled.text)\(rolled.errors)")
      let none = try await Program.attune("models", "activate", "0", "--data", data)
      #expect(none.status == 0 && none.text.contains("no trained model serves"))
      let unknown = try await Program.attune("models", "activate", "9", "--data", data)
      #expect(unknown.status == 1 && unknown.errors.contains("no model 9"), "\(unknown.errors)")
    }

    @Test func `a directory without events teaches nothing, which is said, and the exit code is 1`() async throws {
      let folder = try ScratchFolder()
      let missing = try await Program.attune("train", "--data", "\(folder.path)/none")
      #expect(missing.status == 1 && missing.errors.contains("there is no data directory"), "\(missing.errors)")
      let begun = try await RunningServer(data: folder.path)
      #expect(await begun.stop() == 0)
      let trained = try await Program.attune("train", "--data", folder.path)
      #expect(trained.status == 1)
      #expect((trained.text + trained.errors).contains("the training set has no interactions"), "\(trained.text)")
      let tight = try await Program.attune("train", "--data", folder.path, "--dimensions", "1024", "--memory", "1MB")
      #expect(tight.status == 1 && tight.errors.contains("may take 1 MB"), "\(tight.errors)")
      let listed = try await Program.attune("models", "list", "--data", folder.path)
      #expect(listed.status == 0 && listed.text.contains("refused"), "\(listed.text)")
    }

    @Test(arguments: [
      ["train", "--data", "d", "--tune", "soon"], ["train", "--data", "d", "--tune", "500ms"],
      ["train", "--data", "d", "--memory", "lots"], ["models", "activate", "one", "--data", "d"],
    ])
    func `what is not understood exits with 2 and says what is`(arguments: [String]) async throws {
      let output = try await Program.run(Program.binary, arguments)
      #expect(output.status == 2 && output.text.isEmpty, "\(arguments): \(output.errors)")
      #expect(output.errors.contains(arguments[3]) || output.errors.contains("one"), "\(output.errors)")
    }

    @Test func `a server that is killed while it trains has whole models and whole figures, and trains again`()
      async throws
    {
      let folder = try await prepared()
      let data = "\(folder.path)/data"
      #expect(try await Program.attune("train", "--data", data, "--dimensions", "8").status == 0)
      let server = try await RunningServer(data: data)
      let client = Client(server.url)
      // Looks for settings until it is killed.
      #expect(try await client.post("/v1/train", #"{"dimensions":8,"tune_seconds":600}"#).status == 202)
      while try await client.get("/v1/train").json["phase"]?.string != "tuning" {}
      let waiting = Task {
        try await Program.attune("train", "--server", server.url, "--key", RunningServer.adminKey)
      }
      let busy = try await waiting.value
      #expect(busy.status == 1 && busy.errors.contains("under way"), "\(busy.errors)")
      await server.kill()
      try Data([1, 2, 3]).write(to: URL(filePath: "\(data)/workspaces/main/models/00000002.model.part"))

      let again = try await RunningServer(data: data)
      let second = Client(again.url)
      #expect(try await second.get("/v1/train").json["state"] == "none")
      let models = try await second.get("/v1/models").json
      #expect(models["serving"]?.int == 1 && models["runs"]?.array?.count == 1 && models["faults"]?.array == [])
      let trained = try await second.post("/v1/train?wait=true", #"{"dimensions":8}"#)
      #expect(trained.json["run"]?["version"]?.int == 2, "\(trained.text)")
      #expect(await again.stop() == 0)
      #expect(try modelFiles(in: data) == ["00000001.model", "00000002.model"])
    }

    @Test func `a server stops at once while it trains`() async throws {
      let folder = try await prepared()
      let server = try await RunningServer(data: "\(folder.path)/data")
      let client = Client(server.url)
      #expect(try await client.post("/v1/train", #"{"dimensions":8,"tune_seconds":600}"#).status == 202)
      while try await client.get("/v1/train").json["phase"]?.string != "tuning" {}
      async let command = Program.attune(
        "models", "list", "--server", server.url, "--key", RunningServer.adminKey)
      #expect(try await command.status == 0)
      #expect(await server.stop() == 0)
    }
  }
}
