import Foundation
import Testing

extension EndToEnd {
  /// What `attune export` leaves behind.
  @Suite struct Exports {
    private func filled() async throws -> (folder: ScratchFolder, data: String) {
      let folder = try ScratchFolder()
      let events = """
        {"message_id":"m1","user_id":"ada","event_type":"view","item_id":"mug","note":"a \\"quoted\\", parted; line\\nand another"}
        {"message_id":"m2","user_id":"bob","event_type":"view","item_id":"pan"}

        """
      try Data(events.utf8).write(to: URL(filePath: folder.path + "/events.jsonl"))
      let data = folder.path + "/data"
      #expect(try await Program.attune("import", folder.path + "/events.jsonl", "--data", data).status == 0)
      return (folder, data)
    }

    /// Records without what fades from one second to the next.
    private static func lasting(_ lines: String) -> [NSDictionary] {
      lines.split(separator: "\n").compactMap { line in
        guard let read = try? JSONSerialization.jsonObject(with: Data(line.utf8)), var record = read as? [String: Any]
        else { return nil }
        record["features"] = nil
        return record as NSDictionary
      }
    }

    @Test func `a whole log makes the same state elsewhere, decisions and unmerges too`() async throws {
      let (folder, data) = try await filled()
      let (log, other) = (folder.path + "/log.jsonl", folder.path + "/other")
      func attune(_ arguments: String...) async throws -> String {
        let output = try await Program.run(Program.binary, arguments)
        #expect(output.status == 0, "\(arguments): \(output.errors)")
        return output.text
      }
      let joined = #"{"userId":"ada","type":"identify","anonymousId":"phone","messageId":"m3"}"#
      try Data((joined + "\n").utf8).write(to: URL(filePath: folder.path + "/joined.jsonl"))
      _ = try await attune("import", folder.path + "/joined.jsonl", "--data", data)
      for _ in 0..<3 { _ = try await attune("decide", "--user", "ada", "--data", data) }
      _ = try await attune("profile", "--user", "ada", "--unmerge", "anonymous_id:phone", "--data", data)
      _ = try await attune("export", "log", "--output", log, "--data", data)
      _ = try await attune("import", log, "--log", "--data", other)
      for subject in ["events", "decisions", "profiles", "log"] {
        let here = Self.lasting(try await attune("export", subject, "--data", data))
        let there = Self.lasting(try await attune("export", subject, "--data", other))
        #expect(!here.isEmpty && here == there, "\(subject)")
      }
      #expect(try await attune("replay", "--sample", "10", "--data", other).contains("3"))

      let again = try await Program.attune("import", log, "--log", "--data", other)
      #expect(again.status == 1 && again.errors.contains("has a log already"), "\(again.errors)")
      var lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
      lines.remove(at: 3)
      for (text, words) in [
        (lines.joined(separator: "\n"), "log.jsonl:4: found entry 5, expected 4"), ("{}\n", "log.jsonl:1: "),
        ("", "holds no entries"), (lines[1...].joined(separator: "\n"), "found entry 2, expected 1"),
      ] {
        try text.write(toFile: log, atomically: true, encoding: .utf8)
        let third = folder.path + "/third"
        let refused = try await Program.attune("import", log, "--log", "--data", third)
        #expect(refused.status == 1 && refused.errors.contains(words), "\(refused.errors)")
        let left = try? FileManager.default.contentsOfDirectory(atPath: third + "/workspaces")
        #expect(left?.isEmpty != false, "half a log was left behind")
      }
    }

    @Test(arguments: ["events", "profiles"])
    func `a table has the asked columns and the whole record, and reads as CSV`(subject: String) async throws {
      let (folder, data) = try await filled()
      let path = "\(folder.path)/\(subject).csv"
      let output = try await Program.attune("export", subject, "--output", path, "--data", data)
      #expect(output.status == 0, "\(output.errors)")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o600, "personal data is its owner's alone")
      let check = """
        import csv, json, sys
        rows = list(csv.DictReader(open(sys.argv[1], newline='')))
        assert len(rows) == 2, rows
        for row in rows:
            record = json.loads(row['json'])
            assert None not in row and row[list(row)[0]] == str(record[list(row)[0]]), row
        print(rows[0].get('user_id') or rows[0]['identifiers'])
        """
      let read = try await Program.run("/usr/bin/python3", ["-c", check, path])
      #expect(read.status == 0 && ["ada\n", "bob\n"].contains(read.text), "\(read.errors)")
    }

    @Test func `a training table is its owner's alone, whoever's file stood there`() async throws {
      let (folder, data) = try await filled()
      let path = folder.path + "/table.csv"
      #expect(FileManager.default.createFile(atPath: path + ".part", contents: nil))
      let output = try await Program.attune("table", "--on", "view", "--out", path, "--data", data)
      #expect(output.status == 0, "\(output.errors)")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
      #expect(mode?.intValue == 0o600)
    }

    @Test func `a file that is not whole does not have its name`() async throws {
      let (folder, _) = try await filled()
      let path = folder.path + "/copy.jsonl"
      let server = ["--server", "http://127.0.0.1:9", "--key", "none"]
      let output = try await Program.run(Program.binary, ["export", "events", "--output", path] + server)
      #expect(output.status == 1)
      #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `who is erased again by the same name is not found, and the proof is shown`() async throws {
      let (folder, data) = try await filled()
      let erase = ["erase", "--user", "ada", "--yes", "--json", "--data", data]
      let once = try await Program.run(Program.binary, erase, folder: folder.path)
      #expect(once.status == 0, "\(once.errors)")
      let twice = try await Program.run(Program.binary, erase, folder: folder.path)
      #expect(twice.status == 0 && twice.text == once.text, "\(twice.errors)")
      let never = try await Program.attune("erase", "--user", "eve", "--yes", "--data", data)
      #expect(never.status == 1, "\(never.text)")
    }

    @Test func `nobody is erased where nobody can be asked`() async throws {
      let (folder, data) = try await filled()
      #expect(FileManager.default.fileExists(atPath: folder.path))
      let output = try await Program.attune("erase", "--user", "ada", "--data", data)
      #expect(output.status == 1 && output.errors.contains("--yes"))
      #expect(try await Program.attune("profile", "--user", "ada", "--data", data, folder: folder.path).status == 0)
    }
  }
}
