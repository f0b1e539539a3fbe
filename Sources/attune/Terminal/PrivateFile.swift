import Foundation

/// Files of personal data that commands write.
enum PrivateFile {
  /// Makes an empty file that its owner alone may read and write, or empties the one that is there.
  static func create(_ path: String) throws(CommandFailure) -> FileHandle {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    // One that was left may have been made by somebody with other rights.
    guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
      let cause = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw CommandFailure("\(path) cannot be written: \(cause)")
    }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }
}
