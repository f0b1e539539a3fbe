import Foundation
import Primitives
import Testing

extension EndToEnd {
  @Suite struct Evaluate {
    /// Two tastes of ten items each; everybody's last item is of their taste.
    static func sequences() -> String {
      (0..<40).flatMap { person in
        (0..<9).map { "\(person) \(2 * ((person * 3 + $0) % 10) + person % 2)" }
      }.joined(separator: "\n")
    }

    @Test func `models are measured on sequences, as JSON`() async throws {
      let folder = try ScratchFolder()
      try Self.sequences().write(toFile: "\(folder.path)/data.txt", atomically: true, encoding: .utf8)
      let output = try await Program.attune(
        "evaluate", "--format", "sequences", "--data", "data.txt", "--model", "popularity,co_visitation", "--k", "5",
        "--json", folder: folder.path)
      #expect(output.status == 0, "\(output.errors)")
      let rows = try #require(try JSONValue(parsing: output.text).array)
      #expect(
        rows.compactMap { $0["metric"]?.string }
          == Array(repeatElement(Self.metrics + ["fit_seconds", "peak_mb"], count: 2).joined())
          + Self.metrics.filter { $0 != "coverage" && $0 != "gini" })
      for row in rows where row["against"] == nil {
        let isMetric = row["k"] != .null
        #expect(row.object?.members.map(\.key) == ["model", "metric", "k", "value", "low", "high"])
        #expect(isMetric == (row["low"] != .null))
        #expect(row["k"] == .null || row["k"] == 5)
        #expect(try #require(row["value"]?.double ?? row["value"]?.int.map(Double.init)) >= 0)
      }
      #expect(output.errors.contains("40 sequences, 20 items"), "\(output.errors)")
      let differences = rows.filter { $0["against"] != nil }
      #expect(differences.allSatisfy { $0["model"] == "popularity" && $0["against"] == "co_visitation" })
      #expect(differences.allSatisfy { ($0["p"]?.double ?? 0) > 0 || $0["p"]?.int == 1 })
    }

    private static let metrics = [
      "hr", "ndcg", "recall", "mrr", "coverage", "novelty", "gini", "diversity", "calibration",
    ]

    @Test func `a page is written with plots, hostile names and all, and several seeds have a deviation`() async throws
    {
      let folder = try ScratchFolder()
      let rows = (0..<600).map {
        "\(1_700_000_000 + $0 * 60),u\($0 % 30),i\(($0 * $0 * 31 + $0 * 7) % 47),<b>|\"\"x\"\""
      }
      let name = "<script>d&'.csv"
      try (["at,who,what,kind"] + rows.map { $0.replacing("<b>|\"\"x\"\"", with: "\"<b>|\"\"x\"\"\"") }).joined(
        separator: "\n"
      )
      .write(toFile: "\(folder.path)/\(name)", atomically: true, encoding: .utf8)
      let output = try await Program.attune(
        "evaluate", "--format", "csv", "--data", name, "--user", "who", "--item", "what", "--time", "at", "--category",
        "kind", "--split", "last", "--model", "ials,popularity", "--seeds", "3,4", "--report", "page.html", "--json",
        folder: folder.path)
      #expect(output.status == 0, "\(output.errors)")
      let found = try #require(try JSONValue(parsing: output.text).array)
      let deviations = found.filter { $0["sd"] != nil }
      #expect(deviations.count == 2 * Self.metrics.count)
      #expect(deviations.contains { $0["model"] == "popularity" && $0["sd"]?.double ?? 0 == 0 })
      let page = try String(contentsOfFile: "\(folder.path)/page.html", encoding: .utf8)
      #expect(page.contains("&lt;script&gt;d&amp;&#39;.csv") && !page.contains("<script"))
      #expect(page.contains("seeds 3, 4") && page.contains("Paired differences in NDCG@10"))
      #expect(page.contains("<span>--split</span> <span>last</span>") && !page.contains("http"))
      #expect(page.components(separatedBy: "<svg").count > 10)
    }

    @Test func `the best is chosen and tuned on the validation, and a table is shown`() async throws {
      let folder = try ScratchFolder()
      let rows = (0..<400).map { "\(1_700_000_000 + $0 * 60),u\($0 % 20),i\(($0 * $0 * 31 + $0 * 7) % 97)" }
      try (["at,who,what"] + rows).joined(separator: "\n")
        .write(toFile: "\(folder.path)/d.csv", atomically: true, encoding: .utf8)
      let output = try await Program.attune(
        "evaluate", "--format", "csv", "--data", "d.csv", "--user", "who", "--item", "what", "--time", "at", "--split",
        "temporal:0.8", "--model", "best", "--tune", "300ms", folder: folder.path)
      #expect(output.status == 0, "\(output.errors)")
      #expect(output.errors.contains("best on the validation"), "\(output.errors)")
      #expect(output.text.contains("95 % interval") && output.text.contains("best   ndcg"), "\(output.text)")
    }

    @Test(arguments: [
      (["--format", "ncf", "--train", "x"], "takes --negatives"), (["--format", "sequences"], "takes --data"),
      (["--format", "sequences", "--data", "x", "--model", "ialz"], "Did you mean 'ials'?"),
      (["--format", "sequences", "--data", "x", "--tune", "soon"], "takes a duration"),
      (["--format", "sequences", "--data", "x", "--k", "0"], "from 1 to"), (["--format", "tables"], "tables"),
      (
        ["--format", "csv", "--data", "x", "--user", "u", "--item", "i", "--time", "t", "--split", "random:0.5"],
        "takes temporal:"
      ), (["--format", "sequences", "--data", "x", "--seeds", "1,1"], "different numbers"),
      (["--format", "sequences", "--data", "x", "--seeds", "1,,2"], "different numbers"),
    ])
    func `what is not understood exits with 2`(arguments: [String], reason: String) async throws {
      let output = try await Program.run(Program.binary, ["evaluate"] + arguments)
      #expect(output.status == 2)
      #expect(output.errors.contains(reason), "\(output.errors)")
      #expect(output.text.isEmpty)
    }

    @Test func `a bad file is named with its place, and a set that teaches nothing with the reason`() async throws {
      let folder = try ScratchFolder()
      try "1 2\n1 3 4\n".write(toFile: "\(folder.path)/bad.txt", atomically: true, encoding: .utf8)
      let bad = try await Program.attune(
        "evaluate", "--format", "sequences", "--data", "bad.txt", folder: folder.path)
      #expect(bad.status == 1)
      #expect(bad.errors.contains("bad.txt:2:5: found 3 fields"), "\(bad.errors)")
      try "1 2\n1 3\n1 4\n".write(toFile: "\(folder.path)/one.txt", atomically: true, encoding: .utf8)
      let one = try await Program.attune(
        "evaluate", "--format", "sequences", "--data", "one.txt", "--model", "ials", folder: folder.path)
      #expect(one.status == 1)
      #expect(one.errors.contains("one person only"), "\(one.errors)")
    }
  }
}
