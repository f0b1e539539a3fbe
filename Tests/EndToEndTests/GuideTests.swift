import Foundation
import Testing

/// The guides under Docs/ say only what really happens: every block marked `sh run` is run, in order, in an empty folder in
/// which `./attune` is the program.
struct Guide {
  /// What each marked block says, and the text that the page shows after it as its output.
  struct Step: Sendable {
    let command: String
    let line: Int
    /// Lines of the next block marked `text output`, in which `…` stands for anything.
    let output: [String]
  }

  let steps: [Step]

  init(page: String) {
    var steps: [Step] = []
    var fence: (kind: String, line: Int, text: [String])?
    for (number, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let open = fence {
        guard line == "```" else {
          fence?.text.append(String(line))
          continue
        }
        if open.kind == "sh run" {
          steps.append(Step(command: open.text.joined(separator: "\n"), line: open.line, output: []))
        } else if open.kind == "text output", let last = steps.popLast() {
          steps.append(Step(command: last.command, line: last.line, output: open.text))
        }
        fence = nil
      } else if line.hasPrefix("```") {
        fence = (String(line.dropFirst(3)), number + 1, [])
      }
    }
    self.steps = steps
  }

  /// Whether `line` is what `pattern` shows, with `…` for anything.
  static func matches(_ line: some StringProtocol, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "…", omittingEmptySubsequences: false)
    var rest = Substring(line)
    guard let first = parts.first, rest.hasPrefix(first) else { return false }
    rest = rest.dropFirst(first.count)
    for part in parts.dropFirst() {
      guard !part.isEmpty else { continue }
      guard let range = rest.range(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.isEmpty || pattern.hasSuffix("…")
  }
}

extension EndToEnd {
  @Suite struct Guides {
    /// The data sets may not be passed on; Docs/movielens-and-diginetica.md says where readers get them.
    private static let dataSets =
      ProcessInfo.processInfo.environment["DATASETS"]
      ?? Program.root.deletingLastPathComponent().appending(path: "shared/data").path

    @Test(
      .enabled(if: FileManager.default.fileExists(atPath: dataSets), "the data sets are not on this machine"),
      arguments: ["movielens-and-diginetica.md", "know-what-customers-are-worth.md"])
    func `a guide's commands do what it shows`(page: String) async throws { try await follow(page) }

    @Test(arguments: [
      "answer-a-privacy-request.md", "merge-and-unmerge-people.md", "train-on-the-past.md", "back-up-and-restore.md",
      "find-whom-a-message-persuades.md",
      "compare-models-on-your-data.md", "keep-models-fresh.md",
    ])
    func `a guide that brings its own data does what it shows`(page: String) async throws { try await follow(page) }

    private func follow(_ page: String) async throws {
      let path = Program.root.appending(path: "Docs/\(page)")
      let guide = Guide(page: try String(contentsOf: path, encoding: .utf8))
      try #require(!guide.steps.isEmpty)
      let folder = try ScratchFolder()
      try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/attune", withDestinationPath: Program.binary)
      for step in guide.steps {
        let output = try await Program.run(
          "/bin/bash", ["-euo", "pipefail", "-c", step.command], environment: ["DATASETS": Self.dataSets],
          folder: folder.path)
        #expect(output.status == 0, "\(page):\(step.line): \(step.command)\n\(output.text)\(output.errors)")
        let lines = output.text.split(separator: "\n", omittingEmptySubsequences: false)
        for shown in step.output where shown.contains(where: { $0 != " " && $0 != "…" }) {
          #expect(
            lines.contains { Guide.matches($0, shown) },
            "\(page):\(step.line) shows '\(shown)', not in:\n\(output.text)")
        }
      }
    }

    @Test(arguments: [
      ("abc", "abc", true), ("abc", "a…c", true), ("abc", "a…", true), ("abc", "…c", true), ("abc", "b…", false),
      ("abc", "ab", false),
    ])
    func `dots stand for anything`(line: String, pattern: String, isMatch: Bool) {
      #expect(Guide.matches(line, pattern) == isMatch)
    }
  }
}
