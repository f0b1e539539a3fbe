import Documents
import Foundation
import Interchange
import Primitives
import Testing

@Suite struct ImportBatchTests {
  private static let flat = #"{"event_type":"view","message_id":"f","user_id":"u"}"#
  private static let segment = #"{"type":"track","messageId":"s","event":"x","userId":"u"}"#

  private func reader(_ lines: [String]) -> EventLinesReader {
    EventLinesReader(ByteSource(Array(lines.joined(separator: "\n").utf8)), file: "a.jsonl")
  }

  @Test func `a batch holds what came in the order of the file, bad lines beside it`() throws {
    var batches = ImportBatches(reader([Self.flat, Self.segment, "nonsense", Self.flat]), countMax: 3)
    let first = try #require(try batches.next())
    #expect(first.kind == .events)
    #expect(first.positions.map(\.line) == [1, 2])
    #expect(first.bad.map(\.line) == [3])
    #expect(first.end.line == 4)
    let second = try #require(try batches.next())
    #expect(second.positions.map(\.line) == [4])
    #expect(try batches.next() == nil)
  }

  @Test(arguments: [(1, 400_000, 4), (3, 400_000, 2), (100, 60, 4), (100, 110, 2), (100, 1, 4)])
  func `a batch is bounded in lines and bytes`(countMax: Int, bytesMax: Int, count: Int) throws {
    var batches = ImportBatches(
      reader(Array(repeating: Self.flat, count: 4)), countMax: countMax, bytesMax: bytesMax)
    var found = 0
    while try batches.next() != nil { found += 1 }
    #expect(found == count)
  }

  @Test func `reading on from a batch's end gives the lines that were left, under the ids they had`() throws {
    let folder = try ScratchFolder()
    let lines = (0..<50).map { #"{"event_type":"view","user_id":"u\#($0)"}"# }
    let path = try folder.write("events.jsonl", lines.joined(separator: "\n"))
    let step = try ImportPlan(path: path, options: ImportOptions()).steps[0]
    var whole = ImportBatches(try step.reader(), countMax: 7)
    var payloads: [[UInt8]] = []
    while let batch = try whole.next() {
      var rest = ImportBatches(try step.reader(resumingAt: batch.end), countMax: 1_000)
      payloads += batch.payloads
      #expect(payloads.count + (try rest.next()?.payloads.count ?? 0) == 50)
    }
    var later = ImportBatches(try step.reader(resumingAt: TextPosition(offset: Self.offset(of: 30, lines), line: 31)))
    #expect(try later.next()?.payloads == Array(payloads[30...]))
  }

  private static func offset(of line: Int, _ lines: [String]) -> Int {
    lines[..<line].reduce(0) { $0 + $1.utf8.count + 1 }
  }

  @Test func `the rows of a table are resumed below its header`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("t.csv", "user,item\na,1\nb,2\nc,3\n")
    let step = try ImportPlan(path: path, options: ImportOptions()).steps[0]
    var batches = ImportBatches(try step.reader(), countMax: 1)
    let first = try #require(try batches.next())
    var rest = ImportBatches(try step.reader(resumingAt: first.end))
    let second = try #require(try rest.next())
    #expect(second.positions.map(\.line) == [3, 4])
  }

  @Test func `a journal gives back the place for the same file and target only`() throws {
    let folder = try ScratchFolder()
    let input = try folder.write("a.jsonl", "one\ntwo\n")
    let journal = ImportJournal(path: "\(folder.path)/a.jsonl.import.json", target: "data main")
    #expect(try journal.position(input: input) == nil)
    let place = TextPosition(offset: 4, line: 2)
    try journal.save(place, rejected: 1, fingerprint: try ImportJournal.Fingerprint(path: input))
    #expect(try journal.position(input: input) == place)
    #expect(try ImportJournal(path: journal.path, target: "data other").position(input: input) == nil)

    try folder.write("a.jsonl", "one\ntwo\nthree\n")
    #expect(try journal.position(input: input) == place, "a file that has grown is the same file")
    try folder.write("a.jsonl", "uno\ntwo\n")
    #expect(try journal.position(input: input) == nil)
    journal.remove()
    #expect(!FileManager.default.fileExists(atPath: journal.path))
  }

  @Test func `a rejected line is a line of JSON whatever its bytes are`() throws {
    let line = RejectedLine(line: 7, reason: "why \"not\"", text: [0x61, 0xFF, 0x22]).jsonLine
    let json = try JSONDocument(parsing: Array(line.dropLast())).root.value
    #expect(json["line"] == 7)
    #expect(json["reason"] == "why \"not\"")
    #expect(json["text"] == "a\u{FFFD}\"")
  }
}
