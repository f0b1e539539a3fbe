import Events
import Primitives

/// What an erasure leaves of an entry: nothing that anybody said, only what the fold of the log needs of it. Position, moment
/// and a decision's id stay with the entry.
enum Tombstone: Sendable, BinaryCodable {
  /// The digest of the message id, so that the event is not taken again.
  case event(Digest128)
  case decision
  case deadLetter(code: String)
  /// What was cut apart stays so.
  case unmerge([KeyPair])

  var kind: LogEntryKind {
    switch self {
    case .event: .event
    case .decision: .decision
    case .deadLetter: .deadLetter
    case .unmerge: .unmerge
    }
  }

  func entry(inPlaceOf entry: LogEntry) -> LogEntry {
    LogEntry(kind: .erased, knownAt: entry.knownAt, key: entry.key, payload: binary)
  }

  func encode(into writer: inout BinaryWriter) {
    writer.write(byte: kind.rawValue)
    switch self {
    case .event(let digest): writer.write(digest: digest)
    case .decision: break
    case .deadLetter(let code): writer.write(string: code)
    case .unmerge(let pairs): writer.write(list: pairs)
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    let code = try reader.readByte()
    switch LogEntryKind(rawValue: code) {
    case .event: self = .event(try reader.readDigest())
    case .decision: self = .decision
    case .deadLetter: self = .deadLetter(code: try reader.readString())
    case .unmerge: self = .unmerge(try reader.readList(of: KeyPair.self))
    default: throw BinaryError("an erased entry of the kind \(code)")
    }
  }
}
