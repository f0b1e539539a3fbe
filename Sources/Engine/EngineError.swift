public import Documents

/// Why the engine could not do what was asked, for reasons that are not the caller's.
public enum EngineError: Error, CustomStringConvertible {
  /// Nothing was stored; the same call may succeed in a moment (a full disk, a busy store).
  case unavailable(String)
  /// A person is erased and answered as such, but files may still hold copies of what is gone, for the reason given. The engine
  /// goes on trying.
  case unfinishedErasure(String)
  /// Too much is waiting already; nothing was stored.
  case overloaded
  /// A replay or a training table of the workspace is under way, of which there is one at a time.
  case foldUnderWay
  /// The partition is closed or closing.
  case closed
  /// What is stored cannot be right.
  case corrupt(String)
  /// Definitions that cannot come into force, with every error and where it stands; nothing was changed.
  case invalidDefinitions([DocumentError])

  public var description: String {
    switch self {
    case .unavailable(let reason): "nothing was stored: \(reason)"
    case .foldUnderWay: "a replay or a training table of this workspace is under way; there is one at a time"
    case .overloaded: "too many requests are waiting; nothing was stored"
    case .closed: "the workspace is closing"
    case .corrupt(let reason), .unfinishedErasure(let reason): reason
    case .invalidDefinitions(let errors): errors.map(\.description).joined(separator: "\n")
    }
  }

  init(_ error: PartitionStoreError) {
    switch error {
    case .corrupt(let message): self = .corrupt(message)
    case .full, .fenced, .conflict, .failed: self = .unavailable(error.description)
    }
  }
}
