import Documents
import Engine
import Features
import Primitives

extension PredictionRun {
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("version", version)
      writer.member("prediction", prediction)
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
          $0.member("training", window.training)
          $0.member("validation", window.validation)
          $0.member("test", window.test)
          $0.member("positives", window.positives)
          $0.member("people", window.people)
          $0.member("held_back", window.heldBack)
          $0.member("open", window.open)
        })
      writer.member(
        "parameters",
        object: { object in
          for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { object.member(name, value) }
        })
      writer.member(
        "metrics",
        array: { list in
          for metric in metrics {
            list.object {
              $0.member("subject", metric.subject)
              $0.member("metric", metric.name)
              $0.member("value", metric.value)
              $0.member("low", metric.low)
              $0.member("high", metric.high)
            }
          }
        })
      writer.member(
        "reliability",
        array: { list in
          for bin in bins {
            list.object {
              $0.member("count", bin.count)
              $0.member("predicted", bin.predicted)
              $0.member("observed", bin.observed)
            }
          }
        })
      writer.member(
        "drivers",
        array: { list in
          for driver in drivers {
            list.object {
              $0.member("feature", driver.feature)
              $0.member("weight", driver.weight)
            }
          }
        })
      writer.member("hash", digest)
      writer.member("bytes", bytes)
    }
  }
}

extension PredictionListing {
  /// `{"predictions", "faults", "runs"}`, the latest run first; version 0 is none.
  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("predictions", array: { list in for row in rows { write(row, into: &list) } })
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

  private func write(_ row: Row, into writer: inout JSONWriter) {
    let definition = row.definition
    writer.object { writer in
      writer.member("name", definition.name)
      writer.member("description", definition.description)
      writer.member(definition.isTrueWithout ? "none_of" : "of", definition.outcome.inWords)
      writer.member("within", definition.within.documentText)
      writer.member("among", definition.amongText)
      writer.member("on", definition.moments?.inWords ?? "clock")
      writer.member("every", definition.every.documentText)
      writer.member("min_events", definition.minEvents)
      writer.member("champion", registry.champion(of: definition.name) ?? 0)
      writer.member("serving", row.serving ?? 0)
      writer.member("lack", row.lack)
    }
  }
}
