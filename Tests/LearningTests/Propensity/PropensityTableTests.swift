import Documents
import Foundation
import Mathematics
import Testing

@testable import Learning

@Suite struct PropensityTableTests {
  private let files: TextFiles

  init() throws { files = try TextFiles() }

  private func table(_ text: String, _ request: PropensityTable.Request = .init(label: "y")) throws -> PropensityTable {
    try PropensityTable(path: try files.write("people.csv", text), request: request)
  }

  private func complaint(_ text: String, _ request: PropensityTable.Request = .init(label: "y")) -> String? {
    do {
      _ = try table(text, request)
      return nil
    } catch let error as DocumentError {
      return "\(error.location.line) \(error.message)"
    } catch {
      return "not a DocumentError: \(error)"
    }
  }

  @Test func `numbers are numbers, other columns categories, and what is empty is missing`() throws {
    let table = try table("a,y,b,c\n1,yes,x,-2.5e1\n,no,,NA\n 3 ,TRUE,\"y, z\", \n")
    #expect(table.names == ["a", "b", "c"])
    #expect(table.labels == [1, 0, 1])
    guard case .numbers(let a) = table.columns[0], case .texts(let b) = table.columns[1],
      case .numbers(let c) = table.columns[2]
    else { return #expect(Bool(false), "\(table.columns)") }
    #expect(a[0] == 1 && a[1].isNaN && a[2] == 3)
    #expect(b == ["x", nil, "y, z"])
    #expect(c[0] == -25 && c[1].isNaN && c[2].isNaN)
    #expect(table.folds == nil)
  }

  @Test func `folds are named by their column`() throws {
    let table = try table("f,y,a\nb,1,1\na,0,2\nb,0,3\n", .init(label: "y", fold: "f"))
    #expect(table.foldNames == ["a", "b"])
    #expect(table.folds == [1, 0, 1])
    #expect(table.names == ["a"])
  }

  @Test func `columns of names are left out with the reason, and so are empty ones`() throws {
    let rows = (0..<120).map { "id\($0),\($0 % 2),," }.joined(separator: "\n")
    let table = try table("id,y,empty,more\n\(rows)")
    #expect(table.names.isEmpty)
    #expect(Set(table.leftOut.keys) == ["id", "empty", "more"])
    #expect(table.leftOut["id"]?.contains("120 different texts in 120 rows") == true)
    #expect(
      complaint("id,y\n\(rows.replacing(",,", with: ""))", .init(label: "y", features: ["id"]))?.contains(
        "is no feature") == true)
  }

  @Test func `rows that are the same are counted`() throws {
    #expect(try table("a,y\n1,0\n1,0\n1,1\n1,0\n").duplicateCount == 2)
  }

  @Test(
    arguments: [
      ("", .init(label: "y"), "the file is empty"), ("a,y\n", .init(label: "y"), "found no rows"),
      ("a,b\n1,2\n", .init(label: "y"), "found no column 'y' among a, b"),
      ("a,y\n1,2\n", .init(label: "y"), "2 found '2' as the label 'y', expected 0 or 1"),
      ("a,y\n1,0\n1,\n", .init(label: "y"), "3 found '' as the label"),
      ("a,y\n1,0\n1e39,1\n", .init(label: "y"), "3 '1e39' in the column 'a' is too large"),
      ("a,y\n1,0,5\n", .init(label: "y"), "2 found 3 fields, expected 2"),
      ("a,a,y\n1,0,1\n", .init(label: "y"), "several columns named 'a'"),
      ("a,y\n1,0\n", .init(label: "y", fold: "y"), "the label and the fold are one column"),
      ("a,y,f\n1,0,3\n2,1,3\n", .init(label: "y", fold: "f"), "every row is in the fold '3'"),
      ("a,y\n1,0\n", .init(label: "y", features: ["y"]), "is among the features"),
      ("a,y\n1,0\n", .init(label: "y", features: ["a", "a"]), "named twice"),
      ("a,y\n1,0\n", .init(label: "y", features: ["b"]), "found no column 'b'"),
    ] as [(String, PropensityTable.Request, String)])
  func `what cannot be read is told with its line`(text: String, request: PropensityTable.Request, expected: String) {
    let found = complaint(text, request)
    #expect(found?.contains(expected) == true, "\(found ?? "nothing")")
  }

  @Test func `a category has a column for each value of the training, and no other`() throws {
    let table = try table("k,n,y\nb,1,0\na,2,1\n,3,0\nzoë 🦊,4,1\nb,,0\n")
    let encoding = FeatureEncoding(of: table, rows: [0, 1, 2, 4])
    #expect(encoding.owners == [0, 0, 1])
    let matrix = encoding.matrix(of: table, rows: [0, 1, 2, 3, 4])
    #expect(Array(matrix[0]) == [0, 1, 1])
    #expect(Array(matrix[1]) == [1, 0, 2])
    #expect(matrix[2].prefix(2).allSatisfy { $0.isNaN })
    // Unseen: none of those it had.
    #expect(Array(matrix[3]) == [0, 0, 4])
    #expect(matrix[4].last?.isNaN == true)
    #expect(encoding.gathered([1, 2, 4]) == [3, 4])
  }

  @Test func `rare values beyond the limit share a column`() throws {
    let rows = (0..<200).map { "v\($0 % 100),\($0 % 2)" } + (0..<10).map { _ in "v99,1" }
    let table = try table("k,y\n" + rows.joined(separator: "\n"))
    let encoding = FeatureEncoding(of: table, rows: Array(0..<table.rowCount))
    #expect(encoding.owners.count == FeatureEncoding.valuesMax + 1)
    let matrix = encoding.matrix(of: table, rows: Array(0..<table.rowCount))
    for row in 0..<table.rowCount { #expect(matrix[row].reduce(0, +) == 1) }
    // The most frequent one has a column of its own.
    #expect(matrix[99].last == 0)
  }
}
