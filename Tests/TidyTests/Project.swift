import Foundation
import Testing

/// The project's own files, as the tests read them.
enum Project {
  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  struct SourceFile: CustomTestStringConvertible {
    /// Relative to the root: `Sources/Rules/Rule.swift`.
    let path: String
    let lines: [Substring]

    var name: String { String(path.split(separator: "/").last ?? "") }
    /// The folder below `Sources` or `Tests`.
    var target: String { String(path.split(separator: "/").dropFirst().first ?? "") }
    var testDescription: String { path }
  }

  /// Every Swift file below a folder of the root, in order of path.
  static func swiftFiles(under folder: String) throws -> [SourceFile] {
    let base = root.appending(path: folder)
    let paths = try FileManager.default.subpathsOfDirectory(atPath: base.path)
    return try paths.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
      return SourceFile(path: "\(folder)/\(path)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
  }

  static func text(of path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }
}

/// A line of Swift with its strings and trailing comment blanked, so that words in messages are not taken for code.
func codeOnly(_ line: Substring) -> String {
  var code = ""
  var isInString = false
  var characters = line.makeIterator()
  var previous: Character = " "
  while let character = characters.next() {
    if isInString {
      if character == "\\" {
        _ = characters.next()
      } else if character == "\"" {
        isInString = false
        code.append("\"")
      }
      continue
    }
    if character == "\"" {
      isInString = true
    } else if character == "/", previous == "/" {
      code.removeLast()
      break
    }
    code.append(character)
    previous = character
  }
  return code
}
