import Primitives

/// A JSON merge patch for one item.
/// - SeeAlso: RFC 7396, *JSON Merge Patch*.
public struct CatalogPatch: Sendable, Hashable {
  /// Compact JSON text.
  let text: [UInt8]

  /// From the log; what is wrong with it shows when it is applied.
  init(text: [UInt8]) { self.text = text }

  init(_ view: JSONView, id: String) throws(CatalogRefusal) {
    guard view.isObject else {
      throw CatalogRefusal(code: .wrongType, message: "a patch must be an object, found \(view.kindInWords)")
    }
    if let named = view["item_id"], try ItemReader.itemID(named) != id {
      throw CatalogRefusal(code: .invalidValue, message: "item_id cannot be changed", field: "item_id")
    }
    text = Array(view.rawBytes)
    _ = try applied(to: CatalogItem(id: id))
  }

  /// The item as it is after the patch.
  /// - Throws: When the result would be no valid item, such as one with too many attributes.
  func applied(to item: CatalogItem) throws(CatalogRefusal) -> CatalogItem {
    var writer = JSONWriter(reservingCapacity: 1_024)
    item.write(to: &writer)
    do {
      let current = try JSONDocument(parsing: writer.bytes).root.value
      let patch = try JSONDocument(parsing: text).root.value
      let merged = Self.merge(patch, into: current)
      let document = try JSONDocument(parsing: Array(merged.text.utf8))
      return try ItemReader.item(from: document.root)
    } catch let refusal as CatalogRefusal {
      throw refusal
    } catch {
      throw CatalogRefusal(code: .invalidValue, message: "the patch is no JSON text: \(error)")
    }
  }

  /// MergePatch(Target, Patch) of RFC 7396, section 2.
  static func merge(_ patch: JSONValue, into target: JSONValue) -> JSONValue {
    guard case .object(let changes) = patch else { return patch }
    var result = target.object ?? JSONObject()
    for change in changes.members {
      // Written out: a bare `nil` would be read as the JSON value null.
      result[change.key] =
        change.value == .null ? JSONValue?.none : merge(change.value, into: result[change.key] ?? .null)
    }
    return .object(result)
  }
}
