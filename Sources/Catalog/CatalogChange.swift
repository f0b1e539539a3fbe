public import Primitives

/// One change of the catalogue, checked and ready for the log.
public enum CatalogChange: Sendable, Hashable {
  /// The item becomes this, whatever it was.
  case upsert(id: String, PackedItem)
  /// A JSON merge patch (RFC 7396) over the item's JSON form: members replace, null takes away, objects merge.
  case patch(id: String, CatalogPatch)
  /// The item is gone; its ordinal stays its own.
  case delete(id: String)

  public var itemID: String {
    switch self {
    case .upsert(let id, _), .patch(let id, _), .delete(let id): id
    }
  }

  public static func upsert(_ item: CatalogItem) -> CatalogChange { .upsert(id: item.id, PackedItem(item)) }

  /// Reads what `PUT /v1/catalog/items` takes for one item.
  public init(upserting view: JSONView) throws(CatalogRefusal) { self = .upsert(try ItemReader.item(from: view)) }

  /// Reads what `PATCH /v1/catalog/items/{id}` takes. What can be known to be wrong without the item is refused here.
  public init(patching id: String, with view: JSONView) throws(CatalogRefusal) {
    let id = try ItemReader.checked(id: id)
    self = .patch(id: id, try CatalogPatch(view, id: id))
  }

  public init(deleting id: String) throws(CatalogRefusal) { self = .delete(id: try ItemReader.checked(id: id)) }
}

extension CatalogChange: BinaryCodable {
  public func encode(into writer: inout BinaryWriter) {
    switch self {
    case .upsert(let id, let item):
      writer.write(byte: 1)
      writer.write(string: id)
      item.encode(into: &writer)
    case .patch(let id, let patch):
      writer.write(byte: 2)
      writer.write(string: id)
      writer.write(bytes: patch.text)
    case .delete(let id):
      writer.write(byte: 3)
      writer.write(string: id)
    }
  }

  public init(from reader: inout BinaryReader) throws(BinaryError) {
    let kind = try reader.readByte()
    let id = try reader.readString()
    switch kind {
    case 1: self = .upsert(id: id, try PackedItem(from: &reader))
    case 2: self = .patch(id: id, CatalogPatch(text: Array(try reader.readBytes())))
    case 3: self = .delete(id: id)
    default: throw BinaryError("\(kind) is no kind of catalogue change")
    }
  }
}
