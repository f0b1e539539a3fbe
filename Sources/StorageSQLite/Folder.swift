import Foundation

/// Makes `folder` and the folders above it, so that they are there after a power failure. Only the owner may enter new
/// ones: they hold personal data.
func makeFolder(_ folder: String) throws(DatabaseFault) {
  if access(folder, F_OK) == 0 { return }
  let parent = parentFolder(of: folder)
  if !parent.isEmpty { try makeFolder(parent) }
  guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
    throw .failed("\(folder) cannot be made: \(String(cString: strerror(errno)))")
  }
  try syncFolder(parent.isEmpty ? "." : parent)
}

/// What stands before the last name: empty for a name alone, `/` for one at the root.
///
/// Not `NSString.deletingLastPathComponent`, which traps on Linux when a relative path is one letter.
func parentFolder(of path: String) -> String {
  let names = path.split(separator: "/", omittingEmptySubsequences: true)
  let root = path.hasPrefix("/") ? "/" : ""
  return root + names.dropLast().joined(separator: "/")
}

/// Makes the names in a folder durable.
func syncFolder(_ folder: String) throws(DatabaseFault) {
  let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  defer { close(descriptor) }
  guard descriptor >= 0, fsync(descriptor) == 0 else {
    throw .failed("\(folder) cannot be synced: \(String(cString: strerror(errno)))")
  }
}

/// Makes the names in a folder and in all folders below it durable, the lowest first.
func syncTree(_ folder: String) throws {
  for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
    let path = "\(folder)/\(name)"
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { continue }
    try syncTree(path)
  }
  try syncFolder(folder)
}

/// Writes all bytes, however few the system takes at a time.
/// - Returns: false, with `errno`, when they cannot be written.
func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
  var rest = bytes
  while !rest.isEmpty {
    let count = write(file, rest.baseAddress, rest.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
  }
  return true
}
