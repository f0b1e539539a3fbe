/// The storeys of ARCHITECTURE.md: which module stands on which floor.
struct Floors: Equatable {
  private(set) var floorOf: [String: Int] = [:]

  subscript(_ module: String) -> Int? { floorOf[module] }

  /// Reads the rows `| floor | modules |` of the section `## Floors`, until the next table.
  init(parsing architecture: String) {
    let section = architecture.split(separator: "\n## ").first { $0.hasPrefix("Floors") } ?? ""
    for line in section.split(separator: "\n") {
      let cells = line.split(separator: "|").map { $0.trimmed }
      guard cells.count == 2, let floor = cells.first.flatMap({ Int($0.filter { $0 != " " }) }) else { continue }
      for name in cells[1].split(whereSeparator: { $0 == "," || $0 == " " }) { floorOf[String(name)] = floor }
    }
  }

  /// The module named by an import line: `public import struct Rules.Rule` is `Rules`.
  static func importedModule(_ line: Substring) -> String? {
    var words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
    let access: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    if let first = words.first, access.contains(first) { words.removeFirst() }
    guard words.count > 1, words[0] == "import" else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias", "actor"]
    let name = kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
    return name.split(separator: ".").first.map(String.init)
  }
}
