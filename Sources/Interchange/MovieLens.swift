public import Documents
import Primitives

/// The files of the MovieLens data sets of GroupLens: 100K (`u.data`, `u.item`, `u.user`) and 1M (`ratings.dat`,
/// `movies.dat`, `users.dat`). Both are ISO 8859-1; neither has headers.
/// - SeeAlso: Harper & Konstan, *The MovieLens Datasets*, ACM TiiS 5(4), 2015.
public enum MovieLensFile: String, Sendable, CaseIterable {
  case ratings100K = "u.data"
  case movies100K = "u.item"
  case people100K = "u.user"
  case ratings1M = "ratings.dat"
  case movies1M = "movies.dat"
  case people1M = "users.dat"

  /// Catalogue before people before ratings.
  public static let importOrder: [MovieLensFile] = [
    .movies100K, .people100K, .ratings100K, .movies1M, .people1M, .ratings1M,
  ]

  /// The genres of `u.item`, in the order of its flags.
  static let genres = [
    "unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
  ]

  /// The occupations of `users.dat`, by their number.
  static let occupations = [
    "other", "educator", "artist", "admin", "student", "customer service", "healthcare", "executive", "farmer",
    "homemaker", "student", "lawyer", "programmer", "retired", "sales", "scientist", "self-employed", "engineer",
    "craftsman", "unemployed", "writer",
  ]

  var format: DelimitedFormat {
    let (separator, columns): (String, [String]) =
      switch self {
      case .ratings100K: ("\t", ["user", "item", "rating", "time"])
      case .movies100K: ("|", ["id", "title", "released", "video", "url"] + Self.genres)
      case .people100K: ("|", ["id", "age", "gender", "occupation", "zip"])
      case .ratings1M: ("::", ["user", "item", "rating", "time"])
      case .movies1M: ("::", ["id", "title", "genres"])
      case .people1M: ("::", ["id", "gender", "age", "occupation", "zip"])
      }
    return DelimitedFormat(
      separator: separator, allowsQuotes: false, header: .columns(columns), encoding: .utf8OrLatin1)
  }

  /// A reader of the file at `path`.
  public func reader(path: String, file: String, resumingAt position: TextPosition?) throws -> any ImportReader {
    let rows = try DelimitedReader(path: path, format: format, resumingAt: position)
    switch self {
    case .ratings100K, .ratings1M:
      let mapping = ColumnMapping(
        columns: [.user: "user", .item: "item", .value: "rating", .time: "time"], defaultEvent: "rating",
        time: TimeReading(unit: .seconds))
      return try EventRowsReader(rows, mapping: mapping, file: file)
    case .movies100K, .movies1M, .people100K, .people1M:
      return MovieLensRows(rows: rows, kind: self, identity: LineIdentity(file: file))
    }
  }
}

/// Movies as catalogue items, people as `identify` calls.
struct MovieLensRows: ImportReader {
  var rows: DelimitedReader
  let kind: MovieLensFile
  let identity: LineIdentity

  var position: TextPosition { rows.position }

  mutating func next() throws -> ImportRecord? {
    switch try rows.next() {
    case nil: nil
    case .bad(let bad): ImportRecord(bad)
    case .row(let row): ImportRecord(position: row.position, content: content(of: row), raw: row.rawBytes)
    }
  }

  private func content(of row: DelimitedRow) -> ImportContent {
    let fields = row.fields
    switch kind {
    case .movies100K:
      let genres = zip(MovieLensFile.genres, fields.dropFirst(5)).filter { $0.1 == "1" }.map(\.0)
      return movie(id: fields[0], title: fields[1], genres: genres, released: Self.date(fields[2]))
    case .movies1M:
      return movie(
        id: fields[0], title: fields[1], genres: fields[2].split(separator: "|").map(String.init), released: nil)
    case .people100K:
      return person(row, id: fields[0], age: fields[1], gender: fields[2], occupation: fields[3], zip: fields[4])
    case .people1M:
      let occupation = Int(fields[3]).flatMap {
        MovieLensFile.occupations.indices.contains($0) ? MovieLensFile.occupations[$0] : nil
      }
      return person(row, id: fields[0], age: fields[2], gender: fields[1], occupation: occupation, zip: fields[4])
    case .ratings100K, .ratings1M: preconditionFailure("ratings are read by EventRowsReader")
    }
  }

  /// The release becomes an attribute, not `published_at`: these films are decades old, and none of them is new.
  private func movie(id: String, title: String, genres: [String], released: String?) -> ImportContent {
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("item_id", id)
      writer.member("title", title)
      writer.member("categories") { for genre in genres where genre != "unknown" { $0.string(genre) } }
      if let released { writer.member("attributes", object: { $0.member("released", released) }) }
    }
    return .item(writer.bytes)
  }

  private func person(
    _ row: DelimitedRow, id: String, age: String, gender: String, occupation: String?, zip: String
  ) -> ImportContent {
    let line = row.fields.joined(separator: "|")
    guard let age = Int(age) else {
      return .bad(reason: "found '\(age)' as the age, expected a whole number", line: Array(line.utf8))
    }
    var writer = JSONWriter()
    writer.object { writer in
      writer.member("type", "identify")
      writer.member("messageId", identity.messageID(line: row.position.line, text: line.utf8))
      writer.member("userId", id)
      writer.member(
        "traits",
        object: {
          $0.member("age", age)
          $0.member("gender", gender)
          if let occupation { $0.member("occupation", occupation) }
          $0.member("zip", zip)
        })
    }
    return .event(writer.bytes)
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// `01-Jan-1995` as `1995-01-01`; nil when it is none.
  static func date(_ text: String) -> String? {
    let parts = text.split(separator: "-")
    guard parts.count == 3, let month = months.firstIndex(of: String(parts[1])), parts[0].count == 2,
      parts[2].count == 4
    else { return nil }
    return "\(parts[2])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[0])"
  }
}

extension JSONWriter {
  fileprivate mutating func member(_ key: String, _ elements: (inout JSONWriter) -> Void) {
    member(key, array: elements)
  }
}
