import Catalog
public import Decisions
import Events
public import Primitives

/// A decision with what came of it, ready to be shown: why this, why not that, and what would change it.
public struct DecisionView: Sendable {
  public let record: DecisionRecord
  public let outcomes: [Outcome]
  private let catalog: ItemCatalog
  /// An item that was asked for and that the record does not mention, and why.
  private let absence: (item: String, text: String)?

  init(
    record: DecisionRecord, outcomes: [Outcome], catalog: ItemCatalog, absence: (item: String, text: String)? = nil
  ) {
    self.absence = absence
    self.record = record
    self.outcomes = outcomes
    self.catalog = catalog
  }

  public func write(into writer: inout JSONWriter) {
    let text = ReasonText(catalog: catalog)
    writer.object { writer in
      writer.member("decision_id", record.id.description)
      writer.member("at", record.at)
      writer.member("placement", record.placement)
      writer.member("profile_id", record.profileID?.description)
      writer.member(
        "identifiers",
        object: { writer in
          for identifier in record.identifiers { writer.member(identifier.namespace, identifier.value) }
        })
      writer.key("context")
      writer.raw(record.context.utf8)
      writer.member("question", object: { writeQuestion(&$0) })
      writer.member("stage", record.stage.rawValue)
      writer.member("holdout", record.isHoldout)
      writer.member("fallback", record.fallback?.rawValue)
      writer.member(
        "evidence",
        object: { writer in
          writer.member("acts", record.evidenceCount)
          writer.member(
            "rungs",
            object: { writer in
              for (stage, weight) in zip(Stage.allCases, record.rungWeights) {
                writer.member(stage.rawValue, weight)
              }
            })
        })
      writer.key("cohort")
      if let cohort = record.cohort { cohort.write(into: &writer) } else { writer.null() }
      writer.member(
        "versions",
        object: { writer in
          for stamp in record.versions { writer.member(stamp.name, stamp.version) }
        })
      writer.member(
        "items",
        array: { writer in
          for (place, item) in record.shown.enumerated() {
            writer.object { writer in
              write(item.candidate, rank: place + 1, into: &writer)
              writer.member("propensity", item.propensity)
              writer.member(
                "reasons",
                array: { writer in
                  for reason in item.reasons {
                    writer.object {
                      $0.member("code", reason.code)
                      $0.member("text", text.sentence(reason))
                    }
                  }
                })
              writer.member("outcomes", array: { writeOutcomes(of: item.item, &$0) })
            }
          }
        })
      writer.member("rivals", array: { writeRivals(&$0) })
      writer.member("removed", array: { writeRemoved(&$0) })
      if let absence {
        writer.member(
          "absent",
          array: { list in
            list.object {
              $0.member("item_id", absence.item)
              $0.member("text", absence.text)
            }
          })
      }
      writer.member("boost_gaps", array: { writeBoostGaps(&$0) })
      writer.member("eligible", record.eligibleCount)
      writer.member(
        "exploration",
        object: { writer in
          writer.member("share", Double(shortest: record.explorationShare))
          writer.key("rank")
          if let rank = record.exploredRank { writer.int(Int64(rank)) } else { writer.null() }
        })
      writer.member(
        "timings_us",
        object: { writer in
          writer.member("waited", record.timings.waited)
          writer.member("candidates", record.timings.candidates)
          writer.member("eligibility", record.timings.eligibility)
          writer.member("scoring", record.timings.scoring)
          writer.member("ranking", record.timings.ranking)
        })
    }
  }

  private func writeQuestion(_ writer: inout JSONWriter) {
    writer.member("count", record.question.count)
    for (name, items) in [
      ("exclude", record.question.exclude), ("candidates", record.question.candidates ?? []),
      ("similar_to", record.question.similarTo),
    ] {
      writer.member(name, array: { writer in for item in items { writer.string(catalog.id(of: item)) } })
    }
    writer.member("filter", record.question.filter)
  }

  private func write(_ item: RecordedCandidate, rank: Int, into writer: inout JSONWriter) {
    writer.member("item_id", catalog.id(of: item.item))
    writer.member("rank", rank)
    writer.member("score", item.score)
    writer.member("boost", item.boost)
    writer.member(
      "scores",
      object: { writer in
        for (model, score) in zip(record.models, item.modelScores) { writer.member(model, score) }
      })
  }

  private func writeOutcomes(of item: ItemOrdinal, _ writer: inout JSONWriter) {
    for outcome in outcomes where outcome.item == item {
      writer.object {
        $0.member("type", outcome.type)
        $0.member("at", outcome.at)
        $0.member("value", outcome.value)
        $0.member("message_id", outcome.messageID)
      }
    }
  }

  /// What was eligible but not shown, with what it lacked.
  private func writeRivals(_ writer: inout JSONWriter) {
    let lowest = record.shown.map(\.score).min() ?? 0
    for (offset, rival) in record.rivals.enumerated() {
      let gap = lowest - rival.score
      writer.object { writer in
        write(rival, rank: record.shown.count + offset + 1, into: &writer)
        writer.member(
          "would_change_it",
          gap > 0
            ? "a score higher by \(gap.rounded(toPlaces: 4)), as from more acts on it or on items like it"
            : "a list with less diversity, other quotas or another exploration draw")
      }
    }
  }

  private func writeBoostGaps(_ writer: inout JSONWriter) {
    for gap in record.boostGaps {
      writer.object {
        $0.member("boost", gap.source)
        $0.member("reason", gap.reason)
        $0.member("candidates", gap.count)
      }
    }
  }

  private func writeRemoved(_ writer: inout JSONWriter) {
    for removed in record.removed {
      writer.object {
        $0.member("item_id", catalog.id(of: removed.item))
        $0.member("code", removed.cause.code)
        $0.member("text", removed.cause.remedy)
      }
    }
  }
}

extension Float {
  fileprivate func rounded(toPlaces places: Int) -> Float {
    let scale = (0..<places).reduce(Float(1)) { scale, _ in scale * 10 }
    return (self * scale).rounded() / scale
  }
}
