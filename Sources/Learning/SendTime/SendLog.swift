import Documents
import Foundation
public import Models
import Primitives

/// A log of messages and whether they were opened, or of acts alone, a row each.
public struct SendLog: Sendable, Hashable {
  public var path: String
  public var person: String
  public var time: String
  /// nil takes the rows for acts: when people are there.
  public var opened: String?
  /// nil puts everybody into one cohort.
  public var cohort: String?
  /// Hours that a row's place is ahead of UTC; nil takes times as UTC.
  public var offset: String?

  public init(
    path: String, person: String, time: String, opened: String? = nil, cohort: String? = nil, offset: String? = nil
  ) {
    self.path = path
    self.person = person
    self.time = time
    self.opened = opened
    self.cohort = cohort
    self.offset = offset
  }

  public struct Table: Sendable {
    public let people: [String]
    /// Of each person, by its first row.
    public let cohortOf: [Int]
    public let cohorts: [String]
    public let rows: Int
    public let model: SendTime
  }

  private static let yes: Set<String> = ["1", "true", "yes", "opened", "open", "clicked", "1.0"]
  private static let no: Set<String> = ["0", "false", "no", "", "0.0"]

  /// - Throws: `DocumentError` with the line of what cannot be read; `SendTime.Refusal`.
  public func load(settings: SendTime.Settings = SendTime.Settings()) throws -> Table {
    var file = try TextTable(path: path)
    let places = (
      person: try file.place(of: person), time: try file.place(of: time),
      opened: try opened.map { try file.place(of: $0) },
      cohort: try cohort.map { try file.place(of: $0) }, offset: try offset.map { try file.place(of: $0) }
    )
    var (people, cohorts) = (Numbering(), Numbering())
    var (names, cohortNames, cohortOf) = ([String](), [String](), [Int]())
    var sends: [[SendTime.Send]] = []
    var rows = 0
    while let row = try file.next() {
      rows += 1
      guard let name = row[places.person], !name.isEmpty else {
        throw file.error(line: row.line, "the field '\(person)' is empty")
      }
      guard let written = row[places.time], let moment = PurchaseTable.moment(written) else {
        throw file.error(
          line: row.line,
          "found '\((row[places.time] ?? "").prefix(40))' as the time, expected 2026-03-01T09:30:00Z or seconds")
      }
      var ahead = 0.0
      if let place = places.offset {
        guard let hours = row[place].flatMap(Double.init), abs(hours) <= 15 else {
          throw file.error(
            line: row.line, "found '\((row[place] ?? "").prefix(40))' as hours ahead of UTC, expected -12 to 14")
        }
        ahead = hours
      }
      let number = Int(people.number(of: name))
      if number == names.count {
        let cohort = places.cohort.flatMap { row[$0] } ?? ""
        let group = Int(cohorts.number(of: cohort))
        if group == cohortNames.count { cohortNames.append(cohort) }
        names.append(name)
        cohortOf.append(group)
        sends.append([])
      }
      let isOpened = try places.opened.map { try self.isOpened(row[$0] ?? "", file, row.line) } ?? true
      sends[number].append(SendTime.Send(hour: Self.hourOfWeek(moment, hoursAhead: ahead), isOpened: isOpened))
    }
    let model: SendTime
    if opened == nil {
      let activity = sends.map { own in
        var hours = Array(repeating: 0, count: WeekKernel.hours)
        for act in own { hours[act.hour] += 1 }
        return hours
      }
      model = try SendTime(activity: activity, cohorts: cohortOf, settings: settings)
    } else {
      model = try SendTime(sends, cohorts: cohortOf, settings: settings)
    }
    return Table(people: names, cohortOf: cohortOf, cohorts: cohortNames, rows: rows, model: model)
  }

  private func isOpened(_ text: String, _ file: TextTable, _ line: Int) throws -> Bool {
    if Self.yes.contains(text.lowercased()) { return true }
    if Self.no.contains(text.lowercased()) { return false }
    throw file.error(line: line, "found '\(text.prefix(40))' in '\(opened ?? "")', expected yes or no")
  }

  /// From 0, Monday 00:00 to 01:00.
  static func hourOfWeek(_ moment: Timestamp, hoursAhead: Double) -> Int {
    let hours = Int((moment.secondsSince1970 / 3_600 + hoursAhead).rounded(.down))
    // 1970 began on a Thursday, three days after Monday.
    return ((hours + 72) % 168 + 168) % 168
  }
}
