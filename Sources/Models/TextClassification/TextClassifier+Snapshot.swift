import Primitives

/// A classifier as bytes. Weights are kept in 16 bits each, as parts of the largest of their label.
extension TextClassifier {
  private static let kind = "text"
  private static let contentVersion = 1

  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter()
    writer.write(count: labels.count)
    for label in labels { writer.write(string: label) }
    writer.write(floats: biases)
    writer.write(float: temperature)
    writer.write(count: texts)
    let scales = labels.indices.map { label in
      stride(from: label, to: weights.count, by: labels.count).reduce(Float(0)) { max($0, abs(weights[$1])) }
    }
    writer.write(floats: scales)
    writer.write(count: rows.count)
    var last: UInt64 = 0
    for (hash, row) in rows.sorted(by: { $0.key < $1.key }) {
      writer.write(varint: hash - last)
      last = hash
      for label in labels.indices {
        let part = scales[label] > 0 ? weights[row * labels.count + label] / scales[label] : 0
        let rounded = Int64((part * 32_767).rounded())
        writer.write(byte: UInt8(truncatingIfNeeded: rounded))
        writer.write(byte: UInt8(truncatingIfNeeded: rounded >> 8))
      }
    }
    return ModelSnapshot(kind: Self.kind, contentVersion: Self.contentVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal` for bytes that are damaged, of another kind of model, or of a later version.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.kind, knownVersion: Self.contentVersion)
    var reader = BinaryReader(snapshot.content)
    do throws(BinaryError) {
      self = try Self(from: &reader)
    } catch {
      throw .content(error.description)
    }
  }

  private init(from reader: inout BinaryReader) throws(BinaryError) {
    var labels: [String] = []
    for _ in 0..<(try reader.readCount()) { labels.append(try reader.readString()) }
    guard (2...Self.labelsMax).contains(labels.count), Set(labels).count == labels.count else {
      throw BinaryError("\(labels.count) labels, expected 2 to \(Self.labelsMax), each once")
    }
    func floats(_ count: Int) throws(BinaryError) -> [Float] {
      var floats: [Float] = []
      for _ in 0..<count { floats.append(try reader.readFloat()) }
      guard floats.allSatisfy(\.isFinite) else { throw BinaryError("a weight that is no number") }
      return floats
    }
    let biases = try floats(labels.count)
    let temperature = try floats(1)[0]
    guard temperature > 0 else { throw BinaryError("a temperature of \(temperature)") }
    let texts = Int(clamping: try reader.readVarint())
    let scales = try floats(labels.count)
    var rows: [UInt64: Int] = [:]
    var weights: [Float] = []
    var last: UInt64 = 0
    for row in 0..<(try reader.readCount()) {
      last &+= try reader.readVarint()
      rows[last] = row
      for label in labels.indices {
        let word = UInt16(try reader.readByte()) | UInt16(try reader.readByte()) << 8
        weights.append(Float(Int16(bitPattern: word)) / 32_767 * scales[label])
      }
    }
    guard rows.count * labels.count == weights.count, reader.isAtEnd else {
      throw BinaryError("a feature twice, or bytes after the last")
    }
    self.init(
      labels: labels, rows: rows, weights: weights, biases: biases, temperature: temperature, texts: texts)
  }
}
