import Primitives

/// Which message ids the log holds already.
///
/// Kept as 128-bit digests under the workspace's own key, so that no two ids meet by chance (2⁻⁶⁸ among a billion) or on
/// purpose. 21 to 43 bytes for each event in memory.
struct MessageLedger: Sendable {
  private var known = DigestSet()
  /// Digests since the last checkpoint, in order.
  private var unsaved: [Digest128] = []
  private var savedChunks: UInt64 = 0

  var count: Int { known.count }

  func contains(_ digest: Digest128) -> Bool { known.contains(digest) }

  mutating func insert(_ digest: Digest128) {
    if known.insert(digest) { unsaved.append(digest) }
  }

  /// What was added since the last call, as one record; nil when nothing was.
  mutating func takeChanges() -> (key: [UInt8], value: [UInt8])? {
    guard !unsaved.isEmpty else { return nil }
    var writer = BinaryWriter(reservingCapacity: unsaved.count * 16)
    for digest in unsaved { writer.write(digest: digest) }
    unsaved.removeAll(keepingCapacity: true)
    savedChunks += 1
    return (withUnsafeBytes(of: savedChunks.bigEndian, Array.init), writer.bytes)
  }

  mutating func restore(key: [UInt8], value: [UInt8]) throws(BinaryError) {
    var reader = BinaryReader(value)
    while !reader.isAtEnd { _ = known.insert(try reader.readDigest()) }
    savedChunks = max(savedChunks, key.reduce(0) { $0 << 8 | UInt64($1) })
  }
}
