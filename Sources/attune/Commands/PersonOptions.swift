import ArgumentParser
import Primitives

/// Which person is meant.
struct PersonOptions: ParsableArguments {
  @Option(name: [.long, .customLong("user-id")], help: ArgumentHelp("The person's user_id.", valueName: "id"))
  var user: String?

  @Option(
    name: [.long, .customLong("anonymous-id")], help: ArgumentHelp("The person's anonymous_id.", valueName: "id"))
  var anonymous: String?

  /// As members of a question.
  func write(into writer: inout JSONWriter) {
    if let user { writer.member("user_id", user) }
    if let anonymous { writer.member("anonymous_id", anonymous) }
  }
}
