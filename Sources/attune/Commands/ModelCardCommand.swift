import ArgumentParser
import Foundation
import Primitives

/// `attune models card`.
struct ModelCardCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "card",
    abstract: "A model's card: what it learnt from, how well it does and for whom, what came of its decisions.",
    discussion: """
      Sections are those of Mitchell et al., Model cards for model reporting, 2019.

      EXAMPLE
        attune models card 3 --data ./data
        attune models card 3 --data ./data --html card.html
      """)

  @Argument(help: "The model's version.")
  var version: Int

  @OptionGroup var target: TargetOptions

  @Option(help: ArgumentHelp("Write a page for people.", valueName: "file.html"))
  var html: String?

  @Flag(help: "Print JSON.")
  var json = false

  func run() async throws {
    let terminal = Terminal()
    let version = version
    let card = try await target.withClient { try await $0.json("GET", "/v1/models/\(version)/card") }
    if let html {
      try OutputFile.write(ModelCardPage(card: card).html.utf8, to: html)
      terminal.note("card: \(html)")
    }
    if json { return terminal.line(card.text) }
    if html == nil { for line in OutlineText(terminal: terminal).lines(of: card) { terminal.line(line) } }
  }
}
