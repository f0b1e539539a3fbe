public import Primitives

/// One record for each ordinal, keyed by its four bytes, most significant first, so that reading them in key order gives
/// the ordinals in order; one of key `[]` for the catalogue's own revision.
extension ItemCatalog {
  mutating func markUnsaved(_ ordinal: UInt32) {
    guard !isUnsaved[Int(ordinal)] else { return }
    isUnsaved[Int(ordinal)] = true
    unsaved.append(ordinal)
  }

  /// State that changed since the last call; nothing is ever removed, since deleted items keep their ordinals.
  public mutating func takeChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    guard !unsaved.isEmpty else { return [] }
    var changes: [(key: [UInt8], value: [UInt8]?)] = []
    changes.reserveCapacity(unsaved.count + 1)
    var header = BinaryWriter()
    header.write(varint: revision)
    changes.append((key: [], value: header.bytes))
    for ordinal in unsaved {
      var writer = BinaryWriter(reservingCapacity: 32 + (packed[Int(ordinal)]?.count ?? 0))
      writer.write(string: ids.id(of: ordinal))
      writer.write(varint: facts[Int(ordinal)].revision)
      writer.write(optional: packed[Int(ordinal)]) { writer, item in item.encode(into: &writer) }
      changes.append((key: withUnsafeBytes(of: ordinal.bigEndian) { Array($0) }, value: writer.bytes))
      isUnsaved[Int(ordinal)] = false
    }
    unsaved.removeAll()
    return changes
  }

  /// Puts back one record that `takeChanges` gave; all of them must be given in key order, to an empty catalogue.
  public mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(value)
    guard !key.isEmpty else {
      revision = try reader.readVarint()
      return
    }
    guard key.count == 4 else { throw BinaryError("a catalogue record with a key of \(key.count) bytes") }
    let ordinal = key.reduce(0) { $0 << 8 | UInt32($1) }
    let id = try reader.readString()
    let itemRevision = try reader.readVarint()
    let item = try reader.readOptional { reader throws(BinaryError) in try PackedItem(from: &reader) }
    guard ordinal == UInt32(ordinalCount), intern(id).rawValue == ordinal else {
      throw BinaryError("item '\(id.prefix(64))' stands at ordinal \(ordinal), expected \(ordinalCount)")
    }
    if let item {
      put(item, at: ItemOrdinal(ordinal), revision: itemRevision)
    } else {
      facts[Int(ordinal)].revision = itemRevision
    }
    isUnsaved[Int(ordinal)] = false
    unsaved.removeLast()
  }
}
