import Mathematics
import Primitives

/// The packed form: settings, shapes, spectrum, vectors of the items, vectors of the people.
extension ImplicitALS {
  public static let name = "ials"
  static let snapshotVersion = 2

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter(reservingCapacity: 4 * (items.values.count + people.values.count) + 256)
    settings.encode(into: &writer)
    writer.write(word32: UInt32(items.rowCount))
    writer.write(word32: UInt32(people.rowCount))
    writer.write(floats: itemRidge.spectrum)
    writer.write(floats: items.values)
    writer.write(floats: people.values)
    return ModelSnapshot(kind: Self.name, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.name, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      try self.init(content: snapshot.content, version: snapshot.contentVersion)
    } catch {
      throw .content(error.description)
    }
  }

  private init(content: [UInt8], version: Int) throws(BinaryError) {
    var reader = BinaryReader(content)
    let settings = try Settings(from: &reader, version: version)
    let itemCount = Int(try reader.readWord32())
    let personCount = Int(try reader.readWord32())
    let size = settings.dimensions
    // Divided, since a product of what is written there could overflow.
    let rows = 1 + itemCount + personCount
    guard size > 0, reader.remaining % (4 * size) == 0, reader.remaining / (4 * size) == rows else {
      throw BinaryError("\(reader.remaining) bytes of vectors for \(rows) rows of \(size) numbers")
    }
    let spectrum = try reader.readFloats(size)
    let items = try reader.readFloats(itemCount * size)
    let people = try reader.readFloats(personCount * size)
    self.init(
      settings: settings, people: FloatMatrix(rowCount: personCount, columnCount: size, values: people),
      itemRidge: GramRidge(
        factors: FloatMatrix(rowCount: itemCount, columnCount: size, values: items), spectrum: spectrum,
        unobservedWeight: settings.unobservedWeight))
  }
}

extension ImplicitALS.Settings {
  func encode(into writer: inout BinaryWriter) {
    writer.write(word32: UInt32(clamping: dimensions))
    writer.write(float: regularization)
    writer.write(float: frequencyExponent)
    writer.write(float: unobservedWeight)
    writer.write(float: initialDeviation)
    writer.write(word32: UInt32(clamping: epochs))
    writer.write(word: seed)
    // 0 is exact.
    switch solver {
    case .exact: writer.write(word32: 0)
    case .conjugateGradient(let steps): writer.write(word32: UInt32(clamping: steps))
    }
  }

  /// - Parameter version: Of the snapshot; the first had exact solutions only.
  init(from reader: inout BinaryReader, version: Int) throws(BinaryError) {
    self.init()
    dimensions = Int(try reader.readWord32())
    regularization = try reader.readFloat()
    frequencyExponent = try reader.readFloat()
    unobservedWeight = try reader.readFloat()
    initialDeviation = try reader.readFloat()
    epochs = Int(try reader.readWord32())
    seed = try reader.readWord()
    let steps = version < 2 ? 0 : Int(try reader.readWord32())
    solver = steps == 0 ? .exact : .conjugateGradient(steps: steps)
  }
}

extension BinaryReader {
  mutating func readFloats(_ count: Int) throws(BinaryError) -> [Float] {
    let raw = try readRaw(count * 4)
    let values = raw.withUnsafeBytes { bytes in
      (0..<count).map {
        Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)))
      }
    }
    guard values.allSatisfy(\.isFinite) else { throw BinaryError("a vector holds what is no number") }
    return values
  }
}
