import ArgumentParser
import Documents
import Engine
import Primitives

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Checks definition files without changing anything.",
    discussion: """
      Prints each error with its file, line and column; exits with 1 when there are any.

      EXAMPLE
        attune check ./definitions
      """)

  @Argument(help: ArgumentHelp("The folder of the files.", valueName: "dir"))
  var folder: String

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let terminal = Terminal()
    let files = try DefinitionFolder.read(folder)
    let errors = Partition.check(files)
    if json {
      var writer = JSONWriter()
      writer.object {
        $0.member("files", files.count)
        $0.member(
          "errors",
          array: { list in
            for error in errors {
              list.object {
                $0.member("file", error.location.file)
                $0.member("line", error.location.line)
                $0.member("column", error.location.column)
                $0.member("message", error.message)
                $0.member("suggestion", error.suggestion)
              }
            }
          })
      }
      terminal.write(writer.bytes + [0x0A])
    } else if errors.isEmpty {
      terminal.line("\(files.count) \(files.count == 1 ? "file" : "files"), no errors")
    } else {
      for error in errors { terminal.line("\(folder)/\(error)") }
    }
    if !errors.isEmpty { throw ExitCode(1) }
  }
}
