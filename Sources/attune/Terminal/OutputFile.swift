import Foundation

/// A file that a command writes: it appears under its name only once it is whole, and only its owner may read it, since what
/// commands write is of people.
///
/// What stands there and is no regular file (a device, a pipe) is written into as it is: it is never replaced, nor are its
/// rights changed. A symbolic link stays, and the file that it leads to is replaced.
struct OutputFile: Sendable {
  /// As the caller named it.
  let path: String
  /// What gets the name in the end.
  private let target: String
  private let isDirect: Bool
  private let file: FileHandle

  init(_ path: String) throws(CommandFailure) {
    self.path = path
    target =
      realpath(path, nil).map { resolved in
        defer { free(resolved) }
        return String(cString: resolved)
      } ?? path
    var status = stat()
    let exists = stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    if exists, kind == S_IFDIR { throw CommandFailure("\(path) is a directory, expected a file to write") }
    isDirect = exists && kind != S_IFREG
    let descriptor =
      isDirect
      ? open(path, O_WRONLY | O_CLOEXEC)
      : open(target + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    // One that was left may have been made by somebody with other rights.
    guard descriptor >= 0, isDirect || fchmod(descriptor, 0o600) == 0 else {
      let cause = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw CommandFailure("\(path) cannot be written: \(cause)")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Writes a whole file at once.
  static func write(_ bytes: some Sequence<UInt8>, to path: String) throws(CommandFailure) {
    let file = try OutputFile(path)
    do throws(CommandFailure) {
      try file.write(bytes)
      try file.finish()
    } catch {
      file.discard()
      throw error
    }
  }

  func write(_ bytes: some Sequence<UInt8>) throws(CommandFailure) {
    do { try file.write(contentsOf: Data(bytes)) } catch {
      throw CommandFailure("\(path) cannot be written: \(error.localizedDescription)")
    }
  }

  /// Gives the file its name.
  func finish() throws(CommandFailure) {
    if isDirect {
      try? file.close()
      return
    }
    guard (try? file.synchronize()) != nil, (try? file.close()) != nil, rename(target + ".part", target) == 0 else {
      throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  /// Leaves nothing of an unfinished file.
  func discard() { if !isDirect { unlink(target + ".part") } }

  /// Refuses a path that could not be written, before the work for it is done.
  static func check(_ path: String?) throws(CommandFailure) {
    guard let path else { return }
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { throw CommandFailure("\(path) is a directory, expected a file to write") }
      return
    }
    let folder = URL(filePath: path).deletingLastPathComponent().path
    guard access(folder, W_OK) == 0 else {
      throw CommandFailure("\(path) cannot be written: \(folder): \(String(cString: strerror(errno)))")
    }
  }
}
