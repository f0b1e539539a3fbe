public import Documents

/// Lines that are sent together: all of one kind, in the order of the file.
public struct ImportBatch: Sendable {
  /// nil when the lines were all bad.
  public private(set) var kind: ImportKind?
  /// JSON of each.
  public private(set) var payloads: [[UInt8]] = []
  /// Where each payload's line begins.
  public private(set) var positions: [TextPosition] = []
  /// Each as it stands in the file.
  public private(set) var lines: [[UInt8]] = []
  public private(set) var bad: [RejectedLine] = []
  /// Where the line after the batch begins: reading may go on there once the batch is stored.
  public fileprivate(set) var end: TextPosition

  fileprivate init(end: TextPosition) { self.end = end }

  fileprivate mutating func add(_ payload: [UInt8], kind: ImportKind, of record: ImportRecord) {
    self.kind = kind
    payloads.append(payload)
    positions.append(record.position)
    lines.append(record.raw ?? payload)
  }

  fileprivate mutating func addBad(_ line: RejectedLine) { bad.append(line) }
}

/// Gathers the lines of a file into batches.
public struct ImportBatches {
  private var reader: any ImportReader
  private let countMax: Int
  private let bytesMax: Int
  private var waiting: ImportRecord?

  /// - Parameters:
  ///   - countMax: Lines of one batch.
  ///   - bytesMax: Bytes of JSON of one batch; a batch of one line may be larger.
  public init(_ reader: any ImportReader, countMax: Int = 1_000, bytesMax: Int = 400_000) {
    precondition(countMax > 0, "a batch needs room for a line, got \(countMax)")
    self.reader = reader
    self.countMax = countMax
    self.bytesMax = bytesMax
  }

  /// The next batch, nil at the end.
  /// - Throws: When the file cannot be read.
  public mutating func next() throws -> ImportBatch? {
    var batch = ImportBatch(end: reader.position)
    var bytes = 0
    while batch.payloads.count + batch.bad.count < countMax {
      guard let record = try waiting ?? reader.next() else { break }
      let kind: ImportKind
      let payload: [UInt8]
      switch record.content {
      case .event(let text): (kind, payload) = (.events, text)
      case .item(let text): (kind, payload) = (.items, text)
      case .bad(let reason, let line):
        batch.addBad(RejectedLine(line: record.position.line, reason: reason, text: line))
        waiting = nil
        continue
      }
      let isFull = !batch.payloads.isEmpty && (batch.kind != kind || bytes + payload.count > bytesMax)
      guard !isFull else {
        waiting = record
        break
      }
      waiting = nil
      bytes += payload.count
      batch.add(payload, kind: kind, of: record)
    }
    batch.end = waiting?.position ?? reader.position
    return batch.payloads.isEmpty && batch.bad.isEmpty ? nil : batch
  }
}
