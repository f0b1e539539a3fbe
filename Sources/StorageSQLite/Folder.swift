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
