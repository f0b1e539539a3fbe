import Foundation
import Primitives
import Testing

extension EndToEnd {
  /// `attune text` and `attune cohorts` where something is wrong.
  @Suite struct TextCommands {
    @Test func `what teaches nothing, or is no model, is told in one line, and the exit code is 1`() async throws {
      let folder = try ScratchFolder()
      func file(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
        return "\(folder.path)/\(name)"
      }
      let alike = try file("alike.csv", "text,label\na,x\nb,x\nc,x\n")
      let other = try file("other.csv", "body,label\na,x\n")
      let noModel = try file("model", "hello")
      for (arguments, words) in [
        (["text", "train", "--data", alike], "all texts have the label 'x'"),
        (["text", "train", "--data", other], "found no column 'text' among body, label"),
        (["text", "train", "--data", "\(folder.path)/none.csv"], "cannot be read"),
        (["text", "train", "--data", noModel], "ends in .csv, .tsv or .jsonl"),
        (["text", "classify", "hi", "--model", noModel], "no model snapshot"),
        (["text", "classify", "hi", "--model", "\(folder.path)/none"], "cannot be read"),
      ] {
        let output = try await Program.run(Program.binary, arguments)
        #expect(output.status == 1 && output.errors.contains(words), "\(arguments): \(output.errors)")
        #expect(output.errors.split(separator: "\n").count == 1, "\(output.errors)")
      }
      for arguments in [["text", "classify"], ["text", "classify", "hi", "--data", alike]] {
        #expect(try await Program.run(Program.binary, arguments).status == 2)
      }
    }

    @Test func `a directory without people has no cohorts, and says why`() async throws {
      let folder = try ScratchFolder()
      let data = "\(folder.path)/data"
      let begun = try await RunningServer(data: data)
      #expect(await begun.stop() == 0)
      let before = try await Program.attune("cohorts", "--data", data)
      #expect(before.status == 0 && before.text.contains("nobody has looked for cohorts yet"), "\(before.text)")
      _ = try await Program.attune("train", "--data", data)
      let listed = try await Program.attune("cohorts", "list", "--data", data)
      #expect(listed.text.contains("found 0 people with at least 5 acts"), "\(listed.text)\(listed.errors)")
      let shown = try await Program.attune("cohorts", "show", "runners", "--data", data)
      #expect(shown.status == 1 && shown.errors.contains("there is no cohort 'runners'"), "\(shown.errors)")
      let json = try await Program.attune("cohorts", "--data", data, "--json")
      #expect(try JSONValue(parsing: json.text)["version"]?.int == 0)
    }
  }
}
