public import Primitives

/// Why the bytes of a model are not taken.
public enum SnapshotRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  case noSnapshot
  /// Of another kind of model.
  case kind(found: String, expected: String)
  /// Written by a later version of this program.
  case newer(found: Int, known: Int)
  case cutShort(bytes: Int, expected: Int)
  /// The bytes are not those that were written.
  case damaged
  /// The hash is right, the content is not.
  case content(String)

  public var description: String {
    switch self {
    case .noSnapshot: "this is no model snapshot: it does not begin with '\(ModelSnapshot.mark)'"
    case .kind(let found, let expected): "this is a snapshot of a model '\(found)', expected '\(expected)'"
    case .newer(let found, let known):
      "the snapshot has format \(found), this program reads up to \(known): use the version that wrote it, or a later one"
    case .cutShort(let bytes, let expected): "the snapshot is cut short: found \(bytes) bytes, expected \(expected)"
    case .damaged: "the snapshot is damaged: its hash is not that of its bytes"
    case .content(let reason): "the snapshot cannot be read: \(reason)"
    }
  }
}

/// A trained model as bytes that say what they are: a mark, the format's version, the kind of model, the length, the
/// content and a hash of all that.
public struct ModelSnapshot: Sendable, Hashable {
  static let mark = "attune-model"
  /// Of the frame; a kind of model has its own within the content.
  static let version = 1
  /// Any fixed key does: the hash finds damage, it proves no origin.
  private static let hash = StableHash(key0: 0x6174_7475_6E65_2D6D, key1: 0x6F64_656C_2D76_3031)

  /// The algorithm's name, such as `ials`.
  public let kind: String
  /// Version of the content's format.
  public let contentVersion: Int
  public let content: [UInt8]

  public init(kind: String, contentVersion: Int, content: [UInt8]) {
    self.kind = kind
    self.contentVersion = contentVersion
    self.content = content
  }

  public var bytes: [UInt8] {
    var writer = BinaryWriter(reservingCapacity: content.count + 96)
    writer.write(raw: Self.mark.utf8)
    writer.write(word32: UInt32(Self.version))
    writer.write(string: kind)
    writer.write(word32: UInt32(contentVersion))
    writer.write(word: UInt64(content.count))
    writer.write(raw: content)
    writer.write(digest: Self.hash.hash128(writer.bytes))
    return writer.bytes
  }

  /// What a registry knows a model by.
  public static func digest(of bytes: [UInt8]) -> Digest128 { hash.hash128(bytes) }

  /// - Parameters:
  ///   - kind: What is expected.
  ///   - knownVersion: The latest version of the content that can be read.
  public init(_ bytes: [UInt8], kind: String, knownVersion: Int) throws(SnapshotRefusal) {
    let mark = Array(Self.mark.utf8)
    guard bytes.starts(with: mark) else {
      throw mark.starts(with: bytes) && !bytes.isEmpty
        ? .cutShort(bytes: bytes.count, expected: mark.count + 4) : .noSnapshot
    }
    var reader = BinaryReader(bytes[mark.count...])
    guard let version = try? reader.readWord32() else {
      throw .cutShort(bytes: bytes.count, expected: mark.count + 4)
    }
    guard version <= Self.version else { throw .newer(found: Int(version), known: Self.version) }
    guard let found = try? reader.readString(), let contentVersion = try? reader.readWord32(),
      let length = try? reader.readWord()
    else { throw .cutShort(bytes: bytes.count, expected: bytes.count + 16) }
    let expected = UInt64(bytes.count - reader.remaining) + 16
    let (whole, overflowed) = length.addingReportingOverflow(expected)
    guard !overflowed, UInt64(bytes.count) >= whole, let content = try? reader.readRaw(Int(length)) else {
      throw .cutShort(bytes: bytes.count, expected: overflowed ? .max : Int(clamping: whole))
    }
    guard let digest = try? reader.readDigest(), reader.isAtEnd, digest == Self.hash.hash128(bytes.dropLast(16)) else {
      throw .damaged
    }
    guard found == kind else { throw .kind(found: found, expected: kind) }
    guard contentVersion <= knownVersion else { throw .newer(found: Int(contentVersion), known: knownVersion) }
    self.init(kind: found, contentVersion: Int(contentVersion), content: Array(content))
  }
}
