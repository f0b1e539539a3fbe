import ArgumentParser
import Documents
import Foundation
import Learning
import Models
import Primitives

struct SendTimeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send-time", abstract: "Finds when each person opens what is sent.",
    discussion: """
      A row for each message, with whether it was opened; without --opened rows are
      acts, and tell when people are there. A person's curve over the hours of the
      week is shrunk to its cohort's and that to everybody's; own_share says how much
      of the chosen hour is the person's own.

      EXAMPLE
        attune send-time --data sends.csv --person user_id --time sent_at \\
          --opened opened --cohort plan --quiet 22-7 --out hours.csv
      """)

  @Option(help: ArgumentHelp("The file: a row for each message, with a header.", valueName: "file"))
  var data: String

  @Option(help: ArgumentHelp("The column that names the person.", valueName: "column"))
  var person: String

  @Option(help: ArgumentHelp("The column of the time it was sent at.", valueName: "column"))
  var time: String

  @Option(help: ArgumentHelp("The column that says whether it was opened.", valueName: "column"))
  var opened: String?

  @Option(help: ArgumentHelp("The column of the person's cohort.", valueName: "column"))
  var cohort: String?

  @Option(help: ArgumentHelp("The column of hours ahead of UTC. Default: times are taken as UTC.", valueName: "column"))
  var offset: String?

  @Option(help: ArgumentHelp("Hours of the day in which nothing is sent, such as 22-7.", valueName: "hours"))
  var quiet: String?

  @Option(help: ArgumentHelp("Write a row for each person to this CSV file.", valueName: "path"))
  var out: String?

  @Flag(help: "Print JSON.")
  var json = false

  private static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

  func validate() throws { _ = try allowed() }

  func run() throws {
    let terminal = Terminal()
    try OutputFile.check(out)
    terminal.progress("reading and learning")
    let table: SendLog.Table
    do {
      table = try SendLog(
        path: data, person: person, time: time, opened: opened, cohort: cohort, offset: offset
      ).load()
    } catch let error as DocumentError {
      throw CommandFailure(error.description)
    } catch let refusal as SendTime.Refusal {
      throw CommandFailure("\(data): \(refusal)")
    }
    terminal.endProgress()
    let hours = try allowed()
    let best = table.people.indices.compactMap { table.model.best($0, among: hours) }
    if let out { try write(table, best, to: out, terminal: terminal) }
    if json {
      terminal.write(Self.json(table, best))
    } else {
      for line in lines(table, best, hours) { terminal.line(line) }
    }
  }

  /// Hours of the week outside of the quiet ones.
  private func allowed() throws -> Set<Int> {
    guard let quiet else { return Set(0..<WeekKernel.hours) }
    let texts = quiet.split(separator: "-", omittingEmptySubsequences: false)
    let parts = texts.compactMap { Int($0) }
    guard texts.count == 2, parts.count == 2, parts.allSatisfy({ (0...24).contains($0) }), parts[0] != parts[1] else {
      throw ValidationError("--quiet takes two hours such as 22-7, not '\(quiet)'.")
    }
    func isQuiet(_ hour: Int) -> Bool {
      parts[0] < parts[1] ? (parts[0]..<parts[1]).contains(hour) : hour >= parts[0] || hour < parts[1]
    }
    let open = Set((0..<WeekKernel.hours).filter { !isQuiet($0 % 24) })
    guard !open.isEmpty else { throw ValidationError("--quiet \(quiet) leaves no hour.") }
    return open
  }

  private static func text(_ hour: Int) -> String { "\(days[hour / 24]) \(hour % 24):00" }

  private func lines(_ table: SendLog.Table, _ best: [SendTime.Hour], _ hours: Set<Int>) -> [String] {
    func first(_ curve: [Double]) -> Int { hours.sorted().max { curve[$0] < curve[$1] } ?? 0 }
    var lines = [
      "\(table.people.count.grouped) people, \(table.rows.grouped) \(opened == nil ? "acts" : "messages"); "
        + "a cohort's curve counts as \(table.model.strength.shortText) expected opens of a person", "",
    ]
    var rows = Table([.left, .right, .left])
    rows.add(["cohort", "people", "best hour"])
    rows.add(["everybody", table.people.count.grouped, Self.text(first(table.model.everybody))])
    if cohort != nil {
      for (number, name) in table.cohorts.enumerated().prefix(20) {
        let count = table.cohortOf.count { $0 == number }
        rows.add([name, count.grouped, Self.text(first(table.model.cohortCurve(number)))])
      }
    }
    lines += rows.lines() + [""]
    var people = Table([.left, .left, .right, .left, .right])
    people.add(["person", "best hour", "rate", "90 %", "own share"])
    for (name, hour) in zip(table.people, best).prefix(10) {
      people.add([
        name, Self.text(hour.hour), hour.rate.fixed(4),
        "\(hour.interval.lowerBound.fixed(4)) to \(hour.interval.upperBound.fixed(4))", hour.ownShare.fixed(2),
      ])
    }
    return lines + people.lines()
  }

  private func write(_ table: SendLog.Table, _ best: [SendTime.Hour], to path: String, terminal: Terminal) throws {
    var output = try TableOutput(
      format: .csv, columns: ["person", "cohort", "weekday", "hour", "rate", "rate_low", "rate_high", "own_share"],
      path: path, terminal: terminal)
    do {
      for (person, hour) in best.enumerated() {
        try output.add([
          .string(table.people[person]), .string(table.cohorts[table.cohortOf[person]]),
          .string(Self.days[hour.hour / 24]), .int(Int64(hour.hour % 24)), .double(hour.rate),
          .double(hour.interval.lowerBound), .double(hour.interval.upperBound), .double(hour.ownShare),
        ])
      }
      try output.finish()
    } catch {
      output.discard()
      throw error
    }
    terminal.note("\(best.count.grouped) people written to \(path)")
  }

  private static func json(_ table: SendLog.Table, _ best: [SendTime.Hour]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { root in
      root.member("people", table.people.count)
      root.member("rows", table.rows)
      root.member("strength", table.model.strength)
      root.member("everybody", array: { for rate in table.model.everybody { $0.double(rate) } })
      root.member(
        "best",
        array: { list in
          for (name, hour) in zip(table.people, best) {
            list.object {
              $0.member("person", name)
              $0.member("hour_of_week", hour.hour)
              $0.member("rate", hour.rate)
              $0.member("rate_low", hour.interval.lowerBound)
              $0.member("rate_high", hour.interval.upperBound)
              $0.member("own_share", hour.ownShare)
            }
          }
        })
    }
    return writer.bytes + [0x0A]
  }
}
