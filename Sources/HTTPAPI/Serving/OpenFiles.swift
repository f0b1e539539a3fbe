import Foundation

/// The files that this process may have open; connections are files too.
enum OpenFiles {
  /// Kept free for logs, state and their like.
  private static let reserved = 128

  /// As many connections as are wanted and possible. Beyond the limit of the system, accepting fails and the server
  /// with it.
  static func connections(wanted: Int) -> Int {
    var limits = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0 else { return wanted }
    let possible = Int(clamping: limits.rlim_cur)
    return min(wanted, max(possible - reserved, possible / 2))
  }
}
