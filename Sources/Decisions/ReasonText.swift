public import Catalog

/// Writes reasons as sentences for people. Kept apart from the reasons, so that wording can change without the records.
public struct ReasonText {
  private let catalog: ItemCatalog

  public init(catalog: ItemCatalog) { self.catalog = catalog }

  public func sentence(_ reason: RecordedReason) -> String {
    let because = reason.because.map(name(of:))
    return switch reason.code {
    case "popular": "many people choose it at the moment"
    case "popular_here": "popular" + (reason.detail.map { " for \($0)" } ?? " in this situation")
    case "popular_in_cohort": "popular among people with similar interests" + (reason.detail.map { " (\($0))" } ?? "")
    case "often_together": "people who chose \(because ?? "what you chose") often choose it too"
    case "similar_taste":
      because.map { "people who liked \($0) and what else you chose like it too" }
        ?? "people with a taste like yours like it"
    case "likely_next": "often chosen after what you chose last"
    case "similar_content": "similar to \(because ?? "what you chose")" + (reason.detail.map { " (\($0))" } ?? "")
    case "explored": "shown to learn how well it is liked"
    case "boosted": "a rule of the placement weighs it " + (reason.detail ?? "")
    case "new_item": "new in the catalogue"
    case "catalog_default": "among the latest of the catalogue; nothing is known of its popularity yet"
    default:
      reason.code.replacing("_", with: " ") + (because.map { " (\($0))" } ?? reason.detail.map { " (\($0))" } ?? "")
    }
  }

  private func name(of item: ItemOrdinal) -> String {
    let id = catalog.id(of: item)
    guard let title = catalog.title(of: item), !title.isEmpty else { return "‘\(id)’" }
    return "‘\(title)’"
  }
}
