import ArgumentParser
import Engine
import Primitives

struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply", abstract: "Brings definition files into force as a new version.",
    discussion: """
      All or nothing: with an error in any file, nothing changes.

      EXAMPLE
        attune apply ./definitions --server http://127.0.0.1:8080 --key atn_…
      """)

  @Argument(help: ArgumentHelp("The folder of the files.", valueName: "dir"))
  var folder: String

  @OptionGroup var target: TargetOptions

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let files = try DefinitionFolder.read(folder)
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "files",
        array: { list in
          for file in files {
            list.object {
              $0.member("path", file.path)
              $0.member("text", file.text)
            }
          }
        })
    }
    let body = writer.bytes
    let answer = try await target.withClient { try await $0.json("PUT", "/v1/definitions", body: body) }
    if json { return terminal.line(answer.text) }
    let count = "\(files.count) \(files.count == 1 ? "file" : "files")"
    terminal.line("version \(answer["version"]?.int ?? 0) is in force (\(count))")
  }
}
