import Catalog
import Decisions
public import Primitives

/// `{"decision_id", "reproduced", "differences", "reason", "items"}`; the items are those of the decision made again.
public struct ReplayView: Sendable {
  let replayed: ReplayedDecision
  let catalog: ItemCatalog

  public func write(into writer: inout JSONWriter) {
    writer.object { writer in
      writer.member("decision_id", replayed.recorded.id.description)
      writer.member("at", replayed.recorded.at)
      writer.member("reproduced", replayed.isReproduced)
      writer.member("differences", array: { list in for name in replayed.differences { list.string(name) } })
      writer.member("reason", replayed.reason)
      writer.member(
        "items",
        array: { list in
          for (place, item) in (replayed.again?.shown ?? []).enumerated() {
            list.object {
              $0.member("item_id", catalog.id(of: item.item))
              $0.member("rank", place + 1)
              $0.member("score", item.score)
            }
          }
        })
    }
  }
}
