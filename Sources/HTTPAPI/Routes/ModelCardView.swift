import Engine
import Learning
import Primitives

/// A model card: what a model is for, what it learnt from, how well it does and for whom, and where it ends.
///
/// - SeeAlso: Mitchell et al., *Model cards for model reporting*, FAT* 2019: the sections are theirs.
struct ModelCardView: Sendable {
  let run: ModelRun
  let registry: ModelRegistry
  let serving: Int?
  let health: ModelHealth

  private var note: ModelNote? { registry.notes[run.version] }
  private var withdrawal: ModelWithdrawal? { registry.withdrawals.last { $0.version == run.version } }

  private var state: String {
    if run.refusal != nil { return "refused" }
    if serving == run.version { return "serving" }
    return withdrawal == nil ? "retired" : "withdrawn"
  }

  func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("model_details", object: { details(&$0) })
      writer.member(
        "intended_use",
        object: {
          $0.member(
            "use",
            "Ranking items of this workspace's catalogue for the people whose acts it holds, beside the fresh models.")
          $0.member(
            "not_for",
            "Decisions about people (credit, prices, eligibility), other catalogues, or people without consent to personalisation."
          )
        })
      writer.member("training_data", object: { data(&$0) })
      writer.member("evaluation_data", object: { evaluation(&$0) })
      writer.member("metrics", array: { list in for metric in run.metrics { metric.write(into: &list) } })
      writer.member("factors", array: { list in for part in note?.parts ?? [] { part.write(into: &list) } })
      writer.member("gate", object: { gate(&$0) })
      writer.member("live", object: { live(&$0) })
      writer.member("limits", array: { list in for text in Self.limits { list.string(text) } })
    }
  }

  private func details(_ writer: inout JSONWriter) {
    writer.member("version", run.version)
    writer.member("algorithm", run.model)
    writer.member("state", state)
    writer.member("trained_at", run.finishedAt)
    writer.member("cause", run.cause.rawValue)
    writer.member("evidence", array: { list in for text in note?.evidence ?? [] { list.string(text) } })
    writer.member(
      "settings",
      object: { object in
        for (name, value) in run.parameters.sorted(by: { $0.key < $1.key }) { object.member(name, value) }
      })
    writer.member(
      "shares",
      object: { object in
        for (name, share) in run.shares.sorted(by: { $0.key < $1.key }) { object.member(name, share) }
      })
    writer.member("definitions_version", note.map { Double($0.definitions) })
    writer.member("file_format", note.map { Double($0.fileFormat) })
    writer.member("hash", run.digest)
    writer.member("bytes", run.bytes)
  }

  private func data(_ writer: inout JSONWriter) {
    writer.member("from", run.window.from)
    writer.member("to", run.window.to)
    writer.member("log_end", Int64(clamping: run.window.end.rawValue))
    writer.member("events", run.window.events)
    writer.member("acts", run.window.acts)
    writer.member("people", run.window.people)
    writer.member("items", run.window.items)
    writer.member("erased_or_unmerged_later", "A model keeps what it learnt until the next training.")
  }

  private func evaluation(_ writer: inout JSONWriter) {
    writer.member("held_back_people", run.window.heldBack)
    writer.member(
      "protocol",
      "Each of the last ten items that a held-back person came to like is to be found among all they had not had, from what they liked before. One half of these people gave the shares of the models, the figures are of the other half. Intervals: 95 %, bootstrap over people."
    )
  }

  private func gate(_ writer: inout JSONWriter) {
    writer.member("outcome", run.refusal == nil ? "let in" : "refused")
    writer.member("refusal", run.refusal)
    writer.member("compared_with", note.map { Double($0.rival) })
    writer.member(
      "rule",
      "Person by person: not worse than the model in force in mean NDCG@10, or surely (95 %, one-sided) worse by less than 2 %. The first model: not worse than the fresh models by more than the standard error of the difference."
    )
  }

  private func live(_ writer: inout JSONWriter) {
    let count = health.live(of: run.version)
    writer.member("people_days", count.total)
    writer.member("people_days_with_outcome", count.rewarded)
    writer.member("rate", count.total == 0 ? nil : Double(count.rewarded) / Double(count.total))
    writer.member("withdrawn_at", withdrawal?.at.description)
    writer.member("withdrawn_since", withdrawal?.reason)
    writer.member(
      "drift", array: { list in if serving == run.version { for text in health.drift { list.string(text) } } })
  }

  private static let limits = [
    "It knows what people did, not why: what was shown more was chosen more.",
    "Groups are those of history and popularity; no protected attribute is read, so that none is compared.",
    "NDCG of held-back acts is not what people will choose when they are shown its answers; the live rate is nearer to that.",
    "New people are folded in from their acts; who has none gets popular and similar items instead.",
  ]
}

extension ModelNote.Part {
  fileprivate func write(into writer: inout JSONWriter) {
    writer.object {
      $0.member("group_by", grouping)
      $0.member("group", name)
      $0.member("people", count)
      $0.member("metric", "ndcg")
      $0.member("k", 10)
      $0.member("value", value)
      $0.member("low", low)
      $0.member("high", high)
    }
  }
}
