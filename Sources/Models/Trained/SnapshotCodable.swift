public import Primitives

/// A trained model that a file can hold.
public protocol SnapshotCodable: Sendable {
  /// The algorithm's name, such as `ease`.
  static var name: String { get }
  /// Of the content's format, from 1.
  static var snapshotVersion: Int { get }

  func encode(into writer: inout BinaryWriter)

  /// - Parameter version: That the content was written with, at most `snapshotVersion`.
  init(from reader: inout BinaryReader, version: Int) throws(BinaryError)
}

extension SnapshotCodable {
  public var snapshot: ModelSnapshot {
    var writer = BinaryWriter()
    encode(into: &writer)
    return ModelSnapshot(kind: Self.name, contentVersion: Self.snapshotVersion, content: writer.bytes)
  }

  /// - Throws: `SnapshotRefusal`, before anything is allocated for numbers that are not there.
  public init(snapshot bytes: [UInt8]) throws(SnapshotRefusal) {
    let snapshot = try ModelSnapshot(bytes, kind: Self.name, knownVersion: Self.snapshotVersion)
    do throws(BinaryError) {
      var reader = BinaryReader(snapshot.content)
      try self.init(from: &reader, version: snapshot.contentVersion)
      guard reader.remaining == 0 else { throw BinaryError("\(reader.remaining) bytes too many") }
    } catch {
      throw .content(error.description)
    }
  }
}

extension BinaryReader {
  /// A setting that is a number of things.
  mutating func readNumber() throws(BinaryError) -> Int { Int(try readWord32()) }

  /// - Throws: `BinaryError` with the reason of a refusal, when settings are none.
  func checked(_ check: () throws(TrainingRefusal) -> Void) throws(BinaryError) {
    do throws(TrainingRefusal) { try check() } catch { throw BinaryError(error.description) }
  }
}

extension BinaryWriter {
  mutating func write(number: Int) { write(word32: UInt32(clamping: number)) }
}
