import Foundation

/// The files of trained models: `models/00000007.model` for version 7, each written beside and renamed, so that a name never
/// stands for half a file.
struct ModelFiles: Sendable {
  private static let ending = ".model"
  /// What a file is called until it is whole ends in this.
  static let unfinishedEnding = ".part"

  /// `models` or another family's, in the partition's folder.
  let folder: String

  private func path(_ version: Int) -> String {
    let digits = String(version)
    return folder + "/" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + Self.ending
  }

  func save(_ version: Int, bytes: [UInt8]) throws(DatabaseFault) {
    try makeFolder(folder)
    let (path, beside) = (path(version), path(version) + Self.unfinishedEnding)
    let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw fault("cannot be made", beside) }
    // One that a crash left may have been made by somebody with other rights.
    let isWritten = fchmod(file, 0o600) == 0 && bytes.withUnsafeBytes { writeAll($0, to: file) } && fsync(file) == 0
    let cause = errno
    close(file)
    guard isWritten, rename(beside, path) == 0 else {
      errno = isWritten ? errno : cause
      let failure = fault("cannot be written", path)
      unlink(beside)
      throw failure
    }
    try syncFolder(folder)
  }

  /// nil when there is none.
  func bytes(_ version: Int) throws(DatabaseFault) -> [UInt8]? {
    let path = path(version)
    guard access(path, F_OK) == 0 else { return nil }
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw .failed("\(path) cannot be read: \(error.localizedDescription)")
    }
  }

  /// Ascending.
  func versions() -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { $0.hasSuffix(Self.ending) ? Int($0.dropLast(Self.ending.count)) : nil }.sorted()
  }

  func remove(_ version: Int) throws(DatabaseFault) {
    guard unlink(path(version)) == 0 || errno == ENOENT else { throw fault("cannot be removed", path(version)) }
  }

  private func fault(_ what: String, _ path: String) -> DatabaseFault {
    errno == ENOSPC || errno == EFBIG ? .full : .failed("\(path) \(what): \(String(cString: strerror(errno)))")
  }
}
