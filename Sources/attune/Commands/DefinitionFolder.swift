import Engine
import Foundation

/// A folder of definition files (`*.yaml`, in folders below it too).
enum DefinitionFolder {
  /// - Returns: The files with paths relative to the folder, in order.
  /// - Throws: `CommandFailure` when there is no folder or nothing in it, or a file is not UTF-8.
  static func read(_ path: String) throws -> [DefinitionFile] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
      throw CommandFailure("there is no folder at \(path)")
    }
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? []
    let definitions = paths.filter(isDefinition).sorted()
    // As a rule the wrong folder; bringing it into force would drop every definition.
    if definitions.isEmpty {
      throw CommandFailure(
        "there is no definition file (*.yaml) in \(path); an empty file in it would bring back what is built in")
    }
    return try definitions.map { file in
      guard let data = FileManager.default.contents(atPath: "\(path)/\(file)"),
        let text = String(data: data, encoding: .utf8)
      else { throw CommandFailure("\(path)/\(file) cannot be read as UTF-8 text") }
      return DefinitionFile(path: file, text: text)
    }
  }

  /// Writes the files and removes other definition files, so that the folder is what the server has.
  /// - Returns: Paths of what was removed.
  static func write(_ files: [DefinitionFile], to path: String) throws -> [String] {
    let manager = FileManager.default
    try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
    for file in files {
      guard isSafe(file.path) else {
        throw CommandFailure("the server names a file '\(file.path)' outside of the folder")
      }
      let url = URL(fileURLWithPath: path).appendingPathComponent(file.path)
      try manager.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(file.text.utf8).write(to: url, options: .atomic)
    }
    let kept = Set(files.map(\.path))
    let stale = try manager.subpathsOfDirectory(atPath: path).filter { isDefinition($0) && !kept.contains($0) }.sorted()
    for file in stale { try manager.removeItem(atPath: "\(path)/\(file)") }
    return stale
  }

  private static func isDefinition(_ path: String) -> Bool {
    (path.hasSuffix(".yaml") || path.hasSuffix(".yml")) && !path.split(separator: "/").contains { $0.hasPrefix(".") }
  }

  private static func isSafe(_ path: String) -> Bool {
    !path.isEmpty && !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
  }
}
