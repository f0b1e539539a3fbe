import Mathematics
import Primitives

/// The packed form: settings, how often each item was met, weights.
extension SelfAttention {
  public static let name = "sequence"
  static let snapshotVersion = 1

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter(reservingCapacity: 4 * (weights.count + support.count) + 256)
    settings.encode(into: &writer)
    writer.write(word32: UInt32(itemCount))
    for count in support { writer.write(word32: count) }
    writer.write(floats: weights)
    return ModelSnapshot(kind: Self.name, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.name, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      try self.init(content: snapshot.content)
    } catch {
      throw .content(error.description)
    }
  }

  private init(content: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(content)
    let settings = try Settings(from: &reader)
    let itemCount = Int(try reader.readWord32())
    do throws(TrainingRefusal) {
      // Sizes within their limits: products of them cannot overflow.
      try TrainingRefusal.check(settings)
    } catch {
      throw BinaryError(error.description)
    }
    let shape = AttentionShape(items: itemCount, settings)
    guard reader.remaining == 4 * (itemCount + shape.count) else {
      throw BinaryError("\(reader.remaining) bytes for \(shape.count) weights and \(itemCount) items")
    }
    var support: [UInt32] = []
    support.reserveCapacity(itemCount)
    for _ in 0..<itemCount { support.append(try reader.readWord32()) }
    self.init(settings: settings, support: support, weights: try reader.readFloats(shape.count))
  }
}

extension SelfAttention.Settings {
  func encode(into writer: inout BinaryWriter) {
    for number in [dimensions, blocks, heads, hidden, length, negatives, epochs, batch, patience] {
      writer.write(word32: UInt32(clamping: number))
    }
    for number in [dropout, rate, weightDecay, validationShare] { writer.write(float: number) }
    writer.write(word: seed)
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    self.init()
    dimensions = Int(try reader.readWord32())
    blocks = Int(try reader.readWord32())
    heads = Int(try reader.readWord32())
    hidden = Int(try reader.readWord32())
    length = Int(try reader.readWord32())
    negatives = Int(try reader.readWord32())
    epochs = Int(try reader.readWord32())
    batch = Int(try reader.readWord32())
    patience = Int(try reader.readWord32())
    dropout = try reader.readFloat()
    rate = try reader.readFloat()
    weightDecay = try reader.readFloat()
    validationShare = try reader.readFloat()
    seed = try reader.readWord()
  }
}
