import Engine
import Foundation
import Primitives

/// The file `log.db-end`: up to where commits were acknowledged.
///
/// SQLite drops what is damaged behind the last whole commit of its write-ahead log without a word, since an interrupted
/// commit looks the same. This file tells the two apart: it is written after each synced commit and never ahead of one,
/// so a log that ends before it has lost what somebody was told is stored. It is not synced itself: after a power failure
/// it may lag, and then only less of a loss is seen.
final class AcknowledgedEnd: Sendable {
  private static let recordBytes = 24

  let path: String
  private let descriptor: Int32

  /// Opens the file, or makes it. Where that is not possible, as on a full disk, nothing is noted.
  init(path: String) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  struct Note: Equatable {
    let logID: Int64
    let position: LogPosition
  }

  /// - Returns: nil when nothing was noted, or the note is damaged.
  func note() -> Note? {
    var record = [UInt8](repeating: 0, count: Self.recordBytes)
    guard descriptor >= 0, pread(descriptor, &record, record.count, 0) == record.count else { return nil }
    let words = [0, 8].map { offset in
      record.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self)) }
    }
    let logID = Int64(bitPattern: words[0])
    return record == Self.record(words[1], logID: logID) ? Note(logID: logID, position: LogPosition(words[1])) : nil
  }

  /// One write in place, which takes no room on the disk; what fails is made good by the next commit.
  func note(_ position: LogPosition, logID: Int64) {
    let record = Self.record(position.rawValue, logID: logID)
    if descriptor >= 0 { _ = pwrite(descriptor, record, record.count, 0) }
  }

  private static func record(_ position: UInt64, logID: Int64) -> [UInt8] {
    let sum = StableHash(key0: UInt64(bitPattern: logID), key1: position).hash64("log end")
    return [UInt64(bitPattern: logID), position, sum].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }
}
