import Engine
import HTTPTypes
import Synchronization

/// Counts requests by route and status, and how long they took.
final class RequestMetrics: Sendable {
  private struct Figures {
    var byStatus: [Int: Int] = [:]
    var seconds = Histogram()
  }

  /// Names a route by its template, so that no id becomes a label.
  private struct Label: Hashable, Comparable {
    let route: String
    let method: String

    static func < (left: Self, right: Self) -> Bool { (left.route, left.method) < (right.route, right.method) }
  }

  private let figures = Mutex<[Label: Figures]>([:])

  /// - Parameter route: nil for paths that lead nowhere.
  func record(route: Route?, status: Int, seconds: Double) {
    let label = Label(route: route?.path ?? "unknown", method: route?.method.rawValue ?? "any")
    figures.withLock { figures in
      figures[label, default: Figures()].byStatus[status, default: 0] += 1
      figures[label, default: Figures()].seconds.record(seconds)
    }
  }

  func write(into text: inout MetricText) {
    let rows = figures.withLock { $0 }.sorted { $0.key < $1.key }
    text.family(
      "attune_http_requests_total", .counter, help: "Requests answered, by route and status.",
      rows.flatMap { label, figures in
        figures.byStatus.sorted { $0.key < $1.key }.map { status, count in
          MetricText.Sample(
            labels: [("route", label.route), ("method", label.method), ("status", "\(status)")], value: Double(count))
        }
      })
    text.histograms(
      "attune_http_request_duration_seconds", help: "From the head of a request to its answer.",
      rows.map { label, figures in ([("route", label.route), ("method", label.method)], figures.seconds) })
  }
}
