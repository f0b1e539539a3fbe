/// Where the server listens, and the bounds it holds its callers to.
public struct HTTPServerConfiguration: Sendable {
  public var host: String
  /// 0 takes a free one.
  public var port: Int
  public var bodyLimits = BodyLimits()
  /// Requests of one key.
  public var requestRate = RateLimit(perSecond: 40_000, burst: 40_000)
  /// Events of one key.
  public var eventRate = RateLimit(perSecond: 200_000, burst: 400_000)
  /// Origins whose pages may send events and ask for decisions; nil is any.
  public var allowedOrigins: Set<String>?
  /// Threads that serve connections.
  public var threads: Int
  /// Threads for calls that read the log, write documents or work on a large text.
  public var blockingThreads = 4
  /// Such calls at one time; more are refused with 503.
  public var blockingCallsMax = 256
  /// Connections at one time; more wait. Never more than the process may have files open.
  public var connectionsMax = 10_000
  /// How long a connection may be silent.
  public var idleTimeout: Duration = .seconds(75)
  /// How long running requests may take to end at a shutdown.
  public var drainTimeout: Duration = .seconds(20)
  /// How often the server looks whether a workspace should be trained; nil for never.
  public var trainingPeriod: Duration?
  /// The most that a training may take, whatever a workspace asks for; in bytes.
  public var trainingMemoryMax = 4 << 30

  public init(host: String = "127.0.0.1", port: Int = 8080, threads: Int = 2) {
    self.host = host
    self.port = port
    self.threads = threads
  }
}
