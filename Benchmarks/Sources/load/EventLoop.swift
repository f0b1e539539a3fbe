import CPolling
import Glibc

/// Nanoseconds since some moment, never going back.
func monotonicNow() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// When requests leave.
enum Pace {
  /// On a schedule that no answer delays, so many a second.
  case open(rate: Double)
  /// Each connection asks again when it has its answer.
  case closed
}

/// Makes requests and judges answers.
protocol Workload {
  /// Appends request number `index`, whole, to `buffer`.
  mutating func appendRequest(_ index: Int, to buffer: inout [UInt8])
  /// Whether the answer is right; counts what it tells.
  mutating func accept(status: Int, body: ArraySlice<UInt8>) -> Bool
}

/// What came of a run.
struct Measurement {
  /// Nanoseconds from the scheduled time to the end of the answer, of requests after the warm-up.
  var latencies: [Int64] = []
  var errors = 0
  /// Requests that had not been answered in the end.
  var unanswered = 0
  /// Seconds from the end of the warm-up to the last answer.
  var seconds = 0.0
  /// The last status or system error that was not expected.
  var lastError = ""
}

/// Drives a workload over keep-alive connections from one thread: `epoll`, one request in flight on each connection.
///
/// In an open loop a request that finds no free connection waits, and its latency counts from its scheduled time.
struct EventLoop<Load: Workload> {
  var workload: Load
  let target: Target
  let pace: Pace
  let connectionCount: Int
  let warmup: Double
  let seconds: Double

  private struct Link {
    var socket: Int32
    var output: [UInt8] = []
    var sent = 0
    var input: [UInt8] = []
    /// Scheduled time of the request in flight; nil when free.
    var due: Int64?
    var waitsToWrite = false
  }

  /// Stands for the timer where others have a connection's number.
  private static var timerTag: UInt64 { .max }
  private let reading = UInt32(POLLING_READ)
  private let writing = UInt32(POLLING_WRITE)

  private var links: [Link] = []
  private var free: [Int] = []
  private var poll: Int32 = -1
  private var measurement = Measurement()
  private var measuredFrom: Int64 = 0

  init(_ workload: Load, target: Target, pace: Pace, connections: Int, warmup: Double, seconds: Double) {
    (self.workload, self.target, self.pace) = (workload, target, pace)
    (connectionCount, self.warmup, self.seconds) = (connections, warmup, seconds)
  }

  mutating func run() throws -> Measurement {
    poll = polling_create()
    let timer = polling_timer_create()
    defer {
      close(timer)
      close(poll)
      for link in links { close(link.socket) }
    }
    polling_watch(poll, timer, Self.timerTag, reading)
    for index in 0..<connectionCount {
      links.append(Link(socket: try target.connect()))
      try begin(index)
    }
    let start = monotonicNow()
    let stop = start + Int64((warmup + seconds) * 1e9)
    measuredFrom = start + Int64(warmup * 1e9)
    var next = 0
    var events = [polling_event](repeating: polling_event(), count: 256)
    var last = start
    while true {
      let now = monotonicNow()
      if now >= stop && (free.count == links.count || now > stop + 10_000_000_000) { break }
      while now < stop, !free.isEmpty {
        let due = dueTime(of: next, start: start, now: now)
        if due > now || due >= stop { break }
        try send(next, due: due)
        next += 1
      }
      // Wakes for the next request, but not more often than every 50 µs.
      let wake = now < stop && !free.isEmpty ? dueTime(of: next, start: start, now: now) : stop
      polling_timer_arm(timer, max(wake, now + 50_000))
      let count = polling_wait(poll, &events, Int32(events.count))
      for event in events.prefix(Int(max(count, 0))) where event.tag != Self.timerTag {
        last = try handle(Int(event.tag), event.ready) ?? last
      }
    }
    measurement.unanswered = links.count - free.count
    if case .open = pace { measurement.unanswered += max(0, Int(dueCount(start: start, stop: stop)) - next) }
    measurement.seconds = Double(max(last, measuredFrom + 1) - measuredFrom) / 1e9
    return measurement
  }

  private func dueTime(of index: Int, start: Int64, now: Int64) -> Int64 {
    guard case .open(let rate) = pace else { return now }
    return start + Int64(Double(index) / rate * 1e9)
  }

  private func dueCount(start: Int64, stop: Int64) -> Double {
    guard case .open(let rate) = pace else { return 0 }
    return Double(stop - start) / 1e9 * rate
  }

  // MARK: - Connections

  private mutating func begin(_ index: Int) throws {
    let socket = links[index].socket
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    polling_watch(poll, socket, UInt64(index), reading)
    free.append(index)
  }

  private mutating func send(_ request: Int, due: Int64) throws {
    let index = free.removeLast()
    links[index].due = due
    links[index].sent = 0
    links[index].output.removeAll(keepingCapacity: true)
    workload.appendRequest(request, to: &links[index].output)
    try flush(index)
  }

  private mutating func flush(_ index: Int) throws {
    let sent = links[index].sent
    let count = links[index].output.withUnsafeBytes { bytes in
      write(links[index].socket, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
    }
    if count < 0 && errno != EAGAIN { return try fail(index, String(cString: strerror(errno))) }
    links[index].sent += max(count, 0)
    let isDone = links[index].sent == links[index].output.count
    guard isDone == links[index].waitsToWrite else { return }
    links[index].waitsToWrite = !isDone
    polling_watch(poll, links[index].socket, UInt64(index), isDone ? reading : reading | writing)
  }

  /// - Returns: The time when an answer was complete.
  private mutating func handle(_ index: Int, _ ready: UInt32) throws -> Int64? {
    if ready & writing != 0 { try flush(index) }
    guard ready & reading != 0 else { return nil }
    let count = withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { piece in
      let count = read(links[index].socket, piece.baseAddress, piece.count)
      if count > 0 { links[index].input.append(contentsOf: piece[..<count]) }
      return count
    }
    if count <= 0 {
      if count < 0 && errno == EAGAIN { return nil }
      try fail(index, count == 0 ? "the server closed the connection" : String(cString: strerror(errno)))
      return nil
    }
    switch HTTPResponse.parse(links[index].input[...]) {
    case .incomplete:
      return nil
    case .malformed:
      try fail(index, "an answer that is not HTTP/1.1")
      return nil
    case .complete(let response):
      let now = monotonicNow()
      let isRight = workload.accept(status: response.status, body: links[index].input[response.body])
      if !isRight {
        measurement.errors += 1
        let body = String(decoding: links[index].input[response.body].prefix(200), as: UTF8.self)
        measurement.lastError = "\(response.status) \(body)"
      }
      links[index].input.removeAll(keepingCapacity: true)
      if let due = links[index].due, due >= measuredFrom, isRight { measurement.latencies.append(now - due) }
      links[index].due = nil
      free.append(index)
      return now
    }
  }

  /// Counts a failed request when one was in flight, and connects anew.
  private mutating func fail(_ index: Int, _ reason: String) throws {
    if links[index].due != nil {
      measurement.errors += 1
      measurement.lastError = reason
    } else {
      free.removeAll { $0 == index }
    }
    close(links[index].socket)
    links[index] = Link(socket: try target.connect())
    try begin(index)
  }
}
