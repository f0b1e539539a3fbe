import Engine
import Primitives

extension ModelRun {
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("version", version)
      writer.member("model", model)
      writer.member("outcome", refusal == nil ? "live" : "refused")
      writer.member("refusal", refusal)
      writer.member("cause", cause.rawValue)
      writer.member("started_at", startedAt)
      writer.member("finished_at", finishedAt)
      writer.member(
        "window",
        object: {
          $0.member("from", window.from)
          $0.member("to", window.to)
          $0.member("log_end", Int64(clamping: window.end.rawValue))
          $0.member("acts", window.acts)
          $0.member("people", window.people)
          $0.member("items", window.items)
          $0.member("held_back", window.heldBack)
        })
      writer.member(
        "parameters",
        object: { object in
          for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { object.member(name, value) }
        })
      writer.member("metrics", array: { list in for metric in metrics { metric.write(into: &list) } })
      writer.member(
        "shares",
        object: { object in
          for (name, share) in shares.sorted(by: { $0.key < $1.key }) { object.member(name, share) }
        })
      writer.member("hash", digest)
      writer.member("bytes", bytes)
    }
  }
}

extension ModelRun.Metric {
  func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("subject", subject)
      $0.member("metric", name)
      $0.member("k", k)
      $0.member("value", value)
      $0.member("low", low)
      $0.member("high", high)
    }
  }
}

extension ModelListing {
  /// `{"champion", "serving", "faults", "runs"}`, the latest run first; 0 is no model.
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("champion", registry.champion ?? 0)
      writer.member("serving", serving ?? 0)
      writer.member(
        "faults",
        array: { list in
          for (version, reason) in faults.sorted(by: { $0.key < $1.key }) {
            list.object {
              $0.member("version", version)
              $0.member("reason", reason)
            }
          }
        })
      writer.member("runs", array: { list in for run in registry.runs.reversed() { run.write(into: &list) } })
    }
  }
}
