import Documents
import Testing

@Suite struct DocumentValueTests {
  enum Color: String, CaseIterable { case red, green, darkBlue = "dark-blue" }

  /// What `read` makes of the value `text`, or the message it refuses it with.
  static func outcome(_ text: String, _ read: (DocumentNode) throws -> Any) throws -> String {
    let node = try #require(try DocumentNode.yaml(text, file: "a.yaml"))
    do { return "\(try read(node))" } catch let error as DocumentError { return error.description }
  }

  @Test(arguments: [
    ("ten", "a.yaml:1:1: found a string 'ten', expected a whole number"),
    ("'10'", "a.yaml:1:1: found a string '10', expected a whole number"),
    ("10", "10"), ("1e3", "1000"), ("2.0", "2"),
    ("2.5", "a.yaml:1:1: found the number 2.5, expected a whole number"),
    ("1e30", "a.yaml:1:1: found the number 1e+30, expected a whole number"),
    ("[]", "a.yaml:1:1: found a list, expected a whole number"),
    ("{}", "a.yaml:1:1: found a mapping, expected a whole number"),
    ("true", "a.yaml:1:1: found true, expected a whole number"),
    ("null", "a.yaml:1:1: found nothing, expected a whole number"),
  ])
  func `a whole number is one however it is written`(text: String, expected: String) throws {
    #expect(try Self.outcome(text) { try $0.int() } == expected)
  }

  @Test func `a range is part of what is expected`() throws {
    #expect(
      try Self.outcome("0") { try $0.int(in: 1...100) }
        == "a.yaml:1:1: found the number 0, expected a whole number from 1 to 100")
    #expect(
      try Self.outcome("-1") { try $0.int(in: 0...Int.max) }
        == "a.yaml:1:1: found the number -1, expected a whole number of at least 0")
    #expect(
      try Self.outcome("x") { try $0.int(in: Int.min...5) }
        == "a.yaml:1:1: found a string 'x', expected a whole number of at most 5")
    #expect(
      try Self.outcome("1.5") { try $0.double(in: 0...1) }
        == "a.yaml:1:1: found the number 1.5, expected a number from 0.0 to 1.0")
    #expect(try Self.outcome("1") { try $0.double(in: 0...1) } == "1.0")
    #expect(try Self.outcome("1.5") { try $0.double() } == "1.5")
  }

  @Test func `strings, booleans and lists are told apart`() throws {
    #expect(try Self.outcome("x") { try $0.string() } == "x")
    #expect(
      try Self.outcome("5") { try $0.string() }
        == "a.yaml:1:1: found the number 5, expected a string; put it in quotes if it is meant as one")
    #expect(
      try Self.outcome("''") { try $0.nonEmptyString() }
        == "a.yaml:1:1: found an empty string, expected some text")
    #expect(try Self.outcome("yes") { try $0.bool() } == "a.yaml:1:1: found a string 'yes', expected true or false")
    #expect(try Self.outcome("false") { try $0.bool() } == "false")
    #expect(try Self.outcome("[a, 'b', [c]]") { try $0.strings() } == "a.yaml:1:10: found a list, expected a string")
    #expect(try Self.outcome("a") { try $0.strings() } == "a.yaml:1:1: found a string 'a', expected a list")
    let long = String(repeating: "x", count: 41)
    #expect(
      try Self.outcome(long) { try $0.bool() }
        == "a.yaml:1:1: found a string '\(long.dropLast())…', expected true or false")
  }

  @Test func `a choice names all its words and the nearest`() throws {
    #expect(try Self.outcome("dark-blue") { try $0.choice(Color.self, of: "a color") } == "darkBlue")
    #expect(
      try Self.outcome("grene") { try $0.choice(Color.self, of: "a color") }
        == "a.yaml:1:1: found 'grene', expected a color: 'red', 'green', 'dark-blue'; did you mean 'green'?")
    #expect(
      try Self.outcome("3") { try $0.choice(Color.self, of: "a color") }
        == "a.yaml:1:1: found the number 3, expected a color: 'red', 'green', 'dark-blue'")
  }

  @Test(arguments: [
    ("7d", Duration.seconds(7 * 86_400)), ("12h", .seconds(12 * 3_600)), ("30m", .seconds(1_800)),
    ("90s", .seconds(90)), ("2w", .seconds(14 * 86_400)), ("250ms", .milliseconds(250)), ("0s", .zero),
    ("007d", .seconds(7 * 86_400)),
  ])
  func `a length of time has a whole number and a unit`(text: String, expected: Duration) {
    #expect(Duration(documentText: text) == expected)
  }

  @Test(arguments: [
    "", "d", "7", "7 d", "-7d", "+7d", "7D", "1.5h", "7days", "1h30m", "99999999999999999999d", "9223372036854775807w",
    "٣d", "600000w", " 7d",
  ])
  func `what is no length of time is nothing`(text: String) {
    #expect(Duration(documentText: text) == nil)
  }

  @Test func `a duration reads back from its text`() throws {
    for milliseconds in [0, 1, 999, 1_000, 60_000, 61_000, 3_600_000, 86_400_000, 604_800_000, 90_000_000] {
      let duration = Duration.milliseconds(milliseconds)
      #expect(Duration(documentText: duration.documentText) == duration)
    }
    #expect(Duration.seconds(14 * 86_400).documentText == "2w")
    #expect(Duration.seconds(5_400).documentText == "90m")
    #expect(
      try Self.outcome("1.5h") { try $0.duration() }
        == "a.yaml:1:1: found a string '1.5h', expected a length of time such as '7d', '12h', '30m' or '90s'")
    #expect(
      try Self.outcome("90") { try $0.duration() }
        == "a.yaml:1:1: found the number 90, expected a length of time such as '7d', '12h', '30m' or '90s'")
  }
}
