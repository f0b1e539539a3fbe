import Documents
import Foundation
import Learning
import Models
import Testing

@Suite struct SendLogTests {
  /// Mondays at nine are opened, and nothing else.
  @Test(arguments: [nil, "ahead"])
  func `a log becomes curves in each person's own hours`(offset: String?) throws {
    let files = try TextFiles()
    var text = "user,sent,opened,ahead\n"
    for week in 0..<3 {
      for hour in 0..<24 {
        // 2 March 2026 is a Monday.
        let stamp = "2026-03-\(String(format: "%02d", 2 + 7 * week))T\(String(format: "%02d", hour)):30:00Z"
        text += "ada,\(stamp),\(hour == 9 ? "yes" : "no"),2\n"
      }
    }
    let table = try SendLog(
      path: files.write("s.csv", text), person: "user", time: "sent", opened: "opened", offset: offset
    ).load()
    #expect(table.people == ["ada"] && table.cohortOf == [0] && table.rows == 72)
    let best = try #require(table.model.best(0))
    #expect(best.hour == (offset == nil ? 9 : 11))
  }

  @Test(arguments: [
    ("ada,soon,1", "found 'soon' as the time"), ("ada,2026-03-02,perhaps", "expected yes or no"),
    (",2026-03-02,1", "the field 'user' is empty"), ("ada,2026-03-02", "found 2 fields"),
  ])
  func `a row that cannot be used is told with its line`(row: String, reason: String) throws {
    let files = try TextFiles()
    do {
      _ = try SendLog(
        path: files.write("s.csv", "user,sent,opened\n\(row)\n"), person: "user", time: "sent", opened: "opened"
      ).load()
      Issue.record("taken: \(row)")
    } catch let error as DocumentError {
      #expect(error.message.contains(reason) && error.location.line == 2, "\(error)")
    }
  }

  @Test func `a log without a row, or without an open, is refused`() throws {
    let files = try TextFiles()
    for (text, refusal) in [
      ("user,sent,opened\n", SendTime.Refusal.nothing), ("user,sent,opened\na,2026-03-02,0\n", .nobodyOpens),
    ] {
      let log = SendLog(path: try files.write("s.csv", text), person: "user", time: "sent", opened: "opened")
      #expect(throws: refusal) { try log.load() }
    }
  }
}
