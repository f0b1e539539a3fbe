/// Why a database file could not be read or written.
public enum DatabaseFault: Error, Equatable, CustomStringConvertible {
  /// No room on the disk; nothing was written, and writing may succeed later.
  case full
  /// What is stored cannot be right: which file, what is wrong with it, and what can be done.
  case corrupt(String)
  /// The file was written by another version of the program.
  case otherFormat(String)
  /// Reading or writing failed otherwise.
  case failed(String)

  public var description: String {
    switch self {
    case .full: "the disk is full"
    case .corrupt(let message), .otherFormat(let message), .failed(let message): message
    }
  }
}
