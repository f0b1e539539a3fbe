public import Documents
import Foundation

/// What kind of thing the lines of a file are.
public enum ImportKind: String, Sendable, CaseIterable { case events, items }

/// How to read files whose names do not tell.
public struct ImportOptions: Sendable {
  /// Events unless said otherwise.
  public var kind: ImportKind = .events
  /// nil: guessed from the header.
  public var mapping: String?
  public var defaultEvent = "view"
  public var time = TimeReading()
  /// Between columns; nil: `,` for .csv, a tab for .tsv, and for either whatever the header has most of.
  public var separator: String?
  /// The table has no header; columns are numbered from 1.
  public var hasHeader = true
  public var encoding = TextEncoding.utf8OrLatin1

  public init() {}
}

/// One file of an import.
public struct ImportStep: Sendable {
  enum Format: Sendable {
    case eventLines, itemLines
    case eventRows(DelimitedFormat, ColumnMapping)
    case itemRows(DelimitedFormat)
    case movieLens(MovieLensFile)
  }

  public let path: String
  public let kind: ImportKind
  let format: Format

  /// The file's name without its folder.
  public var file: String { URL(fileURLWithPath: path).lastPathComponent }

  /// - Parameter position: Where to go on; nil for the start.
  /// - Throws: `ColumnMapping.Refusal` when the mapping does not fit the header; Foundation's error when the file cannot be read.
  public func reader(resumingAt position: TextPosition? = nil) throws -> any ImportReader {
    let from = position ?? .start
    switch format {
    case .eventLines: return EventLinesReader(try ByteSource(path: path, from: from.offset), file: file, at: from)
    case .itemLines: return ItemLinesReader(try ByteSource(path: path, from: from.offset), at: from)
    case .eventRows(let format, let mapping):
      return try EventRowsReader(
        try DelimitedReader(path: path, format: format, resumingAt: position), mapping: mapping, file: file)
    case .itemRows(let format):
      return try ItemRowsReader(try DelimitedReader(path: path, format: format, resumingAt: position))
    case .movieLens(let part): return try part.reader(path: path, file: file, resumingAt: position)
    }
  }
}

/// The files of an import, in the order in which they are read.
public struct ImportPlan: Sendable {
  public struct Refusal: Error, Hashable, CustomStringConvertible {
    public let description: String
  }

  public let steps: [ImportStep]

  /// - Parameter path: A file, or the folder of a MovieLens data set.
  /// - Throws: `Refusal` or `ColumnMapping.Refusal`, in words for the person who typed the command.
  public init(path: String, options: ImportOptions) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw Refusal(description: "there is no file at \(path)")
    }
    guard isFolder.boolValue else {
      steps = [try Self.step(path: path, options: options)]
      return
    }
    steps = MovieLensFile.importOrder.compactMap { part in
      let file = URL(fileURLWithPath: path).appendingPathComponent(part.rawValue).path
      return FileManager.default.fileExists(atPath: file) ? Self.step(path: file, part: part) : nil
    }
    if steps.isEmpty {
      throw Refusal(
        description: "\(path) is a folder without MovieLens files (u.data, ratings.dat …); name a file to import")
    }
  }

  private static func step(path: String, part: MovieLensFile) -> ImportStep {
    let isItems = part == .movies100K || part == .movies1M
    return ImportStep(path: path, kind: isItems ? .items : .events, format: .movieLens(part))
  }

  private static func step(path: String, options: ImportOptions) throws -> ImportStep {
    let url = URL(fileURLWithPath: path)
    if let part = MovieLensFile(rawValue: url.lastPathComponent), options.mapping == nil {
      return step(path: path, part: part)
    }
    let extensionName = url.pathExtension.lowercased()
    if ["jsonl", "ndjson", "json"].contains(extensionName) {
      return ImportStep(
        path: path, kind: options.kind, format: options.kind == .items ? .itemLines : .eventLines)
    }
    guard ["csv", "tsv", "txt", "dat", "data", "tab"].contains(extensionName) || options.separator != nil else {
      throw Refusal(
        description: "the name of \(path) does not tell what it holds: .jsonl, .csv and .tsv do, or say --separator")
    }
    return try tableStep(path: path, options: options)
  }

  private static func tableStep(path: String, options: ImportOptions) throws -> ImportStep {
    let separator = try options.separator ?? likelySeparator(path: path)
    var format = DelimitedFormat(separator: separator, encoding: options.encoding)
    if !options.hasHeader { format.header = .columns([]) }
    if options.hasHeader, try DelimitedReader(path: path, format: format).columns.isEmpty {
      throw Refusal(description: "\(path) is empty; a table begins with a line that names its columns")
    }
    if options.kind == .items { return ImportStep(path: path, kind: .items, format: .itemRows(format)) }

    let mapping: ColumnMapping
    if let text = options.mapping {
      mapping = try ColumnMapping(parsing: text, defaultEvent: options.defaultEvent, time: options.time)
    } else {
      let header = try DelimitedReader(path: path, format: format).columns
      guard
        let guess = ColumnMapping.guessed(from: header, defaultEvent: options.defaultEvent, time: options.time)
      else {
        let known = header.map { "'\($0)'" }.joined(separator: ", ")
        throw Refusal(
          description: "which columns of \(path) are what? Say --map user=…,item=…,time=… (there are \(known))")
      }
      mapping = guess
    }
    let step = ImportStep(path: path, kind: .events, format: .eventRows(format, mapping))
    _ = try step.reader()  // a mapping that does not fit is refused before anything is imported
    return step
  }

  /// The one of tab, `;`, `|`, `::` and `,` that the first line has most of.
  private static func likelySeparator(path: String) throws -> String {
    var lines = LineReader(try ByteSource(path: path))
    let first = String(decoding: try lines.next()?.bytes ?? [], as: UTF8.self)
    let counts = ["\t", ";", "|", "::", ","].map {
      ($0, first.split(separator: $0, omittingEmptySubsequences: false).count)
    }
    return counts.max { $0.1 < $1.1 }.flatMap { $0.1 > 1 ? $0.0 : nil } ?? ","
  }
}
