import Documents
import Primitives

/// One file of definitions: a path relative to the folder, and its text.
public struct DefinitionFile: Sendable, Hashable {
  public let path: String
  public let text: String

  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}

/// All files of one version.
struct DefinitionSet: Sendable, Hashable, BinaryCodable {
  /// 0 for the built-in definitions, 1 for the first that were applied.
  let version: Int
  let files: [DefinitionFile]

  static let builtIn = DefinitionSet(version: 0, files: [])

  init(version: Int, files: [DefinitionFile]) {
    self.version = version
    self.files = files.sorted { $0.path < $1.path }
  }

  func numbered(_ version: Int) -> DefinitionSet { DefinitionSet(version: version, files: files) }

  func encode(into writer: inout BinaryWriter) {
    writer.write(count: version)
    writer.write(count: files.count)
    for file in files {
      writer.write(string: file.path)
      writer.write(string: file.text)
    }
  }

  init(from reader: inout BinaryReader) throws(BinaryError) {
    version = Int(truncatingIfNeeded: try reader.readVarint())
    var files: [DefinitionFile] = []
    for _ in 0..<(try reader.readCount()) {
      files.append(DefinitionFile(path: try reader.readString(), text: try reader.readString()))
    }
    self.files = files
  }
}
