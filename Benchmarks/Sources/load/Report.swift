import Glibc

/// What the figures were measured on.
struct Machine {
  let model: String
  let cores: Int
  /// Processes that wanted a core, on average over the last minute, before the run.
  let load: String

  init() {
    func text(_ path: String) -> String {
      guard let file = fopen(path, "r") else { return "" }
      defer { fclose(file) }
      var bytes = [UInt8](repeating: 0, count: 8_192)
      let count = fread(&bytes, 1, bytes.count, file)
      return String(decoding: bytes[..<count], as: UTF8.self)
    }
    let line = text("/proc/cpuinfo").split(separator: "\n").first { $0.hasPrefix("model name") }
    model = line?.split(separator: ":").last.map { String($0.drop { $0 == " " }) } ?? "unknown"
    cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    load = text("/proc/loadavg").split(separator: " ").first.map(String.init) ?? "?"
  }
}

/// Seconds of CPU that this process has used.
func cpuSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

/// The figures of one run, in the order in which they are shown.
struct Report {
  private var rows: [(name: String, value: String, isText: Bool)] = []

  mutating func add(_ name: String, _ value: String) { rows.append((name, value, true)) }
  mutating func add(_ name: String, _ value: Int) { rows.append((name, "\(value)", false)) }

  /// - Parameter digits: After the point.
  mutating func add(_ name: String, _ value: Double, digits: Int = 2) {
    rows.append((name, fixed(value, digits: digits), false))
  }

  /// Adds p50, p95, p99 and the maximum, in milliseconds.
  mutating func add(latencies: [Int64]) {
    let sorted = latencies.sorted()
    guard let last = sorted.last else { return add("latency", "no answers") }
    for percent in [50, 95, 99] {
      // The smallest value that at least so many percent of all do not exceed.
      let rank = max(1, (sorted.count * percent + 99) / 100)
      add("p\(percent)_ms", Double(sorted[rank - 1]) / 1e6, digits: 3)
    }
    add("max_ms", Double(last) / 1e6, digits: 3)
  }

  mutating func add(_ machine: Machine) {
    add("machine", machine.model)
    add("cores", machine.cores)
    add("load_before", machine.load)
  }

  var text: String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { $0.name + String(repeating: " ", count: width - $0.name.count + 2) + $0.value }
      .joined(separator: "\n")
  }

  var json: String {
    let members = rows.map { row in "\"\(row.name)\":\(row.isText ? quoted(row.value) : row.value)" }
    return "{\(members.joined(separator: ","))}"
  }

  private func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20: " "
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

private func fixed(_ value: Double, digits: Int) -> String {
  let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
  let whole = Int((value * scale).rounded())
  if digits == 0 { return "\(whole)" }
  let fraction = "\(whole % Int(scale))"
  return "\(whole / Int(scale)).\(String(repeating: "0", count: digits - fraction.count))\(fraction)"
}
