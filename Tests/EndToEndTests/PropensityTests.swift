import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct Propensity {
    private static let header = "id,age,plan,left"

    /// Who is older, or pays by the month, leaves more often; a third of the ages is missing.
    private static func people(_ count: Int = 240) -> String {
      var generator = SeededGenerator(seed: 11)
      let rows = (0..<count).map { row in
        let age = Int(generator.next(upperBound: UInt64(60)))
        let plan = generator.nextUnit() < 0.5 ? "monthly" : "jährlich"
        let odds = Double(age) / 80 + (plan == "monthly" ? 0.3 : -0.1)
        return "p\(row),\(row % 3 == 0 ? "" : "\(age)"),\(plan),\(generator.nextUnit() < odds ? "yes" : "no")"
      }
      return ([header] + rows).joined(separator: "\n") + "\n"
    }

    @Test func `a table is learnt from, and every answer has its reasons, as JSON`() async throws {
      let folder = try ScratchFolder()
      try Self.people().write(toFile: "\(folder.path)/people.csv", atomically: true, encoding: .utf8)
      let output = try await Program.attune(
        "propensity", "--data", "people.csv", "--label", "left", "--folds", "4", "--explain", "3", "--json",
        folder: folder.path)
      #expect(output.status == 0, "\(output.errors)")
      #expect(output.errors.contains("'id' is left out: 240 different texts"), "\(output.errors)")
      let report = try JSONValue(parsing: output.text)
      #expect(report["rows"] == 240)
      #expect(report["folds"]?.array?.count == 4)
      #expect(try #require(report["pooled"]?["auc"]?["value"]?.double) > 0.6)
      let explained = try #require(report["explained"]?.array)
      #expect(explained.count == 3)
      for row in explained {
        let amounts = try #require(row["reasons"]?.array).compactMap { $0["amount"]?.double }
        let base = try #require(row["base"]?.double)
        #expect(amounts.count == 2)
        #expect(try abs(amounts.reduce(base, +) - #require(row["score"]?.double)) < 1e-5)
      }
      let again = try await Program.attune(
        "propensity", "--data", "people.csv", "--label", "left", "--folds", "4", "--explain", "3", "--json",
        folder: folder.path)
      #expect(again.text == output.text)
    }

    @Test(
      arguments: [
        ("left", header + "\n", "found no rows"), ("gone", people(40), "found no column 'gone'"),
        ("age", people(40), "as the label 'age', expected 0 or 1"),
        (
          "left", header + "\n" + (0..<50).map { "p\($0),\($0),x,yes" }.joined(separator: "\n"),
          "found 0 rows with the label 0"
        ),
        (
          "left", header + "\n" + (0..<50).map { "p,7,x,\($0 % 2)" }.joined(separator: "\n"),
          "no feature has two different values"
        ),
      ])
    func `what teaches nothing is refused in one line`(label: String, text: String, expected: String) async throws {
      let folder = try ScratchFolder()
      try text.write(toFile: "\(folder.path)/people.csv", atomically: true, encoding: .utf8)
      let output = try await Program.attune(
        "propensity", "--data", "people.csv", "--label", label, folder: folder.path)
      #expect(output.status == 1)
      #expect(output.errors.contains(expected), "\(output.errors)")
      #expect(output.text.isEmpty)
    }

    @Test func `a file that is not there, and options that make no sense, are told`() async throws {
      let absent = try await Program.attune("propensity", "--data", "none.csv", "--label", "y")
      #expect(absent.status == 1 && absent.errors.contains("none.csv"), "\(absent.errors)")
      for options in [["--folds", "1"], ["--explain", "-1"], ["--tune", "soon"], ["--threads", "0"]] {
        let output = try await Program.run(
          Program.binary, ["propensity", "--data", "a.csv", "--label", "y"] + options)
        #expect(output.status == 2, "\(options): \(output.errors)")
      }
    }
  }
}
