import Mathematics
import Primitives

/// Scores of the whole demo, and of the time before and after the model was trained.
struct DemoScores: Sendable {
  private(set) var whole = Scoreboard()
  private(set) var before = Scoreboard()
  /// nil while nothing is trained.
  private(set) var after: Scoreboard?

  mutating func record(_ change: (inout Scoreboard) -> Void) {
    change(&whole)
    if var after {
      self.after = nil  // so that it changes in place
      change(&after)
      self.after = after
    } else {
      change(&before)
    }
  }

  private(set) var training: DemoTraining?

  mutating func begin(after training: DemoTraining) {
    self.training = training
    after = Scoreboard()
  }
}

/// What became of the demo's training.
struct DemoTraining: Sendable {
  let run: JSONValue
  let seconds: Double

  private func ndcg(_ subject: String) -> Double? {
    run["metrics"]?.array?.first { $0["subject"]?.string == subject && $0["metric"]?.string == "ndcg" }?["value"]?
      .double
  }

  /// `trained ials 1 in 1.2 s on 40,000 acts: live, NDCG@10 .31 with it and .28 without on 200 people held back`
  var line: String {
    let acts = Int(run["window"]?["acts"]?.int ?? 0).grouped
    let people = Int(run["window"]?["held_back"]?.int ?? 0).grouped
    var text =
      "trained \(run["model"]?.string ?? "") \(run["version"]?.int ?? 0) in \(seconds.fixed(1)) s on \(acts) acts: "
      + (run["outcome"]?.string ?? "")
    if let with = ndcg("candidate"), let without = ndcg("champion") ?? ndcg("fresh") {
      text += ", NDCG@10 \(with.fixed(3)) with it, \(without.fixed(3)) without, on \(people) people held back"
    }
    return text
  }

  func json(into writer: inout JSONWriter) {
    writer.object {
      $0.member("version", Int(run["version"]?.int ?? 0))
      $0.member("outcome", run["outcome"]?.string)
      $0.member("refusal", run["refusal"]?.string)
      $0.member("seconds", seconds)
      $0.member("ndcg_with", ndcg("candidate"))
      $0.member("ndcg_without", ndcg("champion") ?? ndcg("fresh"))
    }
  }
}
