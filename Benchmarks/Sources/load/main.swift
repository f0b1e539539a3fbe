// An open-loop load generator: requests leave on a schedule that no slow answer delays.
//
//     swift run -c release load ingest --rate 30000 --url http://127.0.0.1:8080 --key KEY

import Foundation

func run(_ options: Options) throws -> Report {
  let machine = Machine()
  let target = try Target(url: options.url, key: options.key)
  var report = Report()
  report.add("mode", options.mode.rawValue)
  if options.prepares {
    let history = ShopEvents(userCount: options.users, itemCount: options.items, seed: options.seed &+ 1)
    let eventCount = [.decide, .freshness].contains(options.mode) ? 20_000 : 0
    try Preparation(target: target, itemCount: options.items, eventCount: eventCount).run(events: history)
  }
  let cpuBefore = cpuSeconds()
  switch options.mode {
  case .ingest, .single:
    let batch = options.mode == .ingest ? options.batch : nil
    let events = ShopEvents(userCount: options.users, itemCount: options.items, seed: options.seed)
    let load = IngestLoad(target: target, batch: batch, events: events)
    let (measurement, after) = try drive(load, options, target, perRequest: batch ?? 1)
    let answered = Double(measurement.latencies.count * (batch ?? 1))
    report.add("events_per_request", batch ?? 1)
    report.add("events_per_second", answered / measurement.seconds, digits: 0)
    report.add("events_not_accepted", after.rejected)
    add(measurement, options, to: &report)
  case .decide:
    let load = DecideLoad(
      target: target, placement: options.placement, candidateCount: options.candidates, itemCount: options.items,
      userCount: options.users, seed: options.seed)
    let (measurement, after) = try drive(load, options, target, perRequest: 1)
    report.add("placement", options.placement)
    report.add("candidates", options.candidates)
    add(measurement, options, to: &report)
    report.add("fallbacks", after.fallbacks)
  case .freshness:
    addFreshness(options, target, to: &report)
  }
  report.add("load_generator_cpu_seconds", cpuSeconds() - cpuBefore)
  report.add(machine)
  return report
}

func drive<Load: Workload>(
  _ load: Load, _ options: Options, _ target: Target, perRequest: Int
) throws -> (Measurement, Load) {
  var loop = EventLoop(
    load, target: target, pace: options.rate.map { .open(rate: $0 / Double(perRequest)) } ?? .closed,
    connections: options.connections ?? 64, warmup: options.warmup, seconds: options.seconds)
  let measurement = try loop.run()
  return (measurement, loop.workload)
}

func add(_ measurement: Measurement, _ options: Options, to report: inout Report) {
  report.add("rate_asked", options.rate.map { "\($0)" } ?? "max")
  report.add("requests_per_second", Double(measurement.latencies.count) / measurement.seconds, digits: 0)
  report.add("answers", measurement.latencies.count)
  report.add("errors", measurement.errors)
  report.add("unanswered", measurement.unanswered)
  if !measurement.lastError.isEmpty { report.add("last_error", measurement.lastError) }
  report.add(latencies: measurement.latencies)
  report.add("connections", options.connections ?? 64)
  report.add("seconds", measurement.seconds)
}

func addFreshness(_ options: Options, _ target: Target, to report: inout Report) {
  let pairs = options.connections ?? 4
  let run = FreshnessRun(target: target, pairs: pairs, rate: options.rate ?? 100, seconds: options.seconds)
  let outcome = run.run()
  report.add("purchases", outcome.changed.count)
  report.add("stale_answers", outcome.stale)
  report.add("answers_without_items", outcome.empty)
  report.add("errors", outcome.errors)
  if !outcome.lastError.isEmpty { report.add("last_error", outcome.lastError) }
  report.add("latency", "from sending the event to the end of the changed decision")
  report.add(latencies: outcome.changed)
  report.add("pairs", pairs)
}

// A connection that the server closes is an error to count, not the end.
signal(SIGPIPE, SIG_IGN)
do {
  let options = try Options(Array(CommandLine.arguments.dropFirst()))
  let report = try run(options)
  print(options.isJSON ? report.json : report.text)
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
