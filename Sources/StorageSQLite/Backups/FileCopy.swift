import CCrypto
import Foundation
import Primitives

/// Reads a file once, to copy it or only to know it.
enum FileCopy {
  private static let pieceBytes = 1 << 20

  /// What a file held.
  struct Content: Equatable {
    let bytes: Int
    /// SHA-256 in hexadecimal digits.
    let digest: String
  }

  /// - Returns: nil when there is no such file.
  static func content(of path: String) throws(BackupFailure) -> Content? { try read(path) { _ in true } }

  /// Copies a file for its owner alone, and syncs the copy.
  /// - Returns: What was copied; nil when there is no such file.
  static func copy(_ path: String, to target: String) throws(BackupFailure) -> Content? {
    let file = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw .failed("\(target) cannot be made: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    let content = try read(path) { writeAll($0, to: file) }
    guard content == nil || fsync(file) == 0 else {
      throw .failed("\(target) cannot be synced: \(String(cString: strerror(errno)))")
    }
    return content
  }

  /// - Parameter take: Is given the bytes in order; false, with `errno`, when they cannot be written.
  private static func read(
    _ path: String, _ take: (UnsafeRawBufferPointer) -> Bool
  ) throws(BackupFailure) -> Content? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    if file < 0, errno == ENOENT { return nil }
    guard file >= 0 else { throw .failed("\(path) cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var state = SHA256_CTX()
    SHA256_Init(&state)
    var bytes = 0
    var piece = [UInt8](repeating: 0, count: pieceBytes)
    while true {
      let count = Foundation.read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .failed("\(path) cannot be read: \(String(cString: strerror(errno)))") }
      if count == 0 { break }
      SHA256_Update(&state, piece, count)
      let isTaken = piece.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
      guard isTaken else { throw .failed("\(path) cannot be copied: \(String(cString: strerror(errno)))") }
      bytes += count
    }
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256_Final(&digest, &state)
    return Content(bytes: bytes, digest: digest.hexadecimal)
  }
}
