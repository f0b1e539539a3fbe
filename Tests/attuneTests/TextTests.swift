import Primitives
import Testing

@testable import attune

@Suite struct TextTests {
  @Test(arguments: [
    ("abc-._~", "abc-._~"), ("a b/c?d=e&f", "a%20b%2Fc%3Fd%3De%26f"), ("é+", "%C3%A9%2B"), ("", ""),
  ])
  func `parts of an address are encoded`(text: String, expected: String) {
    #expect(APIClient.encoded(text) == expected)
  }

  @Test(arguments: ["ftp://a", "127.0.0.1:8080", "", "http://"])
  func `what is no address of a server is refused in words`(server: String) {
    let failure = #expect(throws: CommandFailure.self) { try APIClient(server: server, key: nil) }
    #expect(failure?.description.contains("is no address of a server") == true)
  }

  @Test func `a problem is told with the place of each error`() {
    let body = """
      {"code":"invalid_definitions","message":"1 error","errors":[{"file":"home.yaml","line":3,"column":5,
      "message":"'cuont' is not a key of a placement","suggestion":"count"}]}
      """
    let failure = APIClient.failure(.init(status: 400, body: Array(body.utf8), retryAfter: nil))
    #expect(
      failure.description
        == "1 error\nhome.yaml:3:5: 'cuont' is not a key of a placement (did you mean 'count'?)")
  }

  @Test(arguments: [(0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567")])
  func `thousands are told apart`(number: Int, expected: String) { #expect(number.grouped == expected) }

  @Test(arguments: [(0.0000421, "42 µs"), (0.00153, "1.53 ms"), (0.0999, "100 ms"), (2.25, "2.2 s")])
  func `a latency has a fitting unit`(seconds: Double, expected: String) { #expect(seconds.latencyText == expected) }

  @Test(arguments: [(0.1, "0.1"), (3.6153846153846154, "3.615385"), (10578.950784116874, "10578.95"), (0, "0")])
  func `a number for people has at most seven digits`(number: Double, expected: String) {
    #expect(number.shortText == expected)
  }

  @Test func `columns are as wide as they need to be`() {
    var table = Table([.right, .left])
    table.add(["1.", "a"])
    table.add(["10.", ""])
    #expect(table.lines(indent: "-") == ["- 1.  a", "-10."])
  }

  @Test func `an outline keeps short values on one line`() throws {
    let value = try JSONValue(parsing: #"{"id":"p","tags":["a","b"],"deep":{"list":[{"x":1,"y":null}]}}"#)
    let terminal = Terminal(environment: ["NO_COLOR": "1"])
    #expect(
      OutlineText(terminal: terminal).lines(of: value)
        == ["id    p", "tags  a, b", "deep", "  list", "    x 1, y –"])
  }
}
