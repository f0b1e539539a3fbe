import ArgumentParser
import Engine
import Primitives

struct PullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Writes the definition files that are in force into a folder.",
    discussion: """
      Definition files in the folder that are not in force are removed.

      EXAMPLE
        attune pull ./definitions --server http://127.0.0.1:8080 --key atn_…
      """)

  @Argument(help: ArgumentHelp("The folder to write to; made when it is missing.", valueName: "dir"))
  var folder: String

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let answer = try await target.withClient { try await $0.json("GET", "/v1/definitions") }
    let files = (answer["files"]?.array ?? []).compactMap { file in
      file["path"]?.string.flatMap { path in
        file["text"]?.string.map { DefinitionFile(path: path, text: $0) }
      }
    }
    let removed = try DefinitionFolder.write(files, to: folder)
    if json { return terminal.line(answer.text) }
    let version = answer["version"]?.int ?? 0
    terminal.line(version == 0 ? "the built-in definitions are in force; there are no files" : "version \(version)")
    for file in files { terminal.line("  \(file.path)") }
    for path in removed { terminal.line("  removed \(path)") }
  }
}
