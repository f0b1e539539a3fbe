import Documents
import Foundation
import Learning
import Testing

/// A folder of text files that lives as long as the test.
final class TextFiles: Sendable {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "attune-learning-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Its path.
  func write(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    try Data(text.utf8).write(to: file)
    return file.path
  }
}

/// A file of the data sets, which lie beside the repository and are never part of it; nil, said so, where they do not.
func dataSet(_ path: String) -> String? {
  var folder = URL(filePath: #filePath).resolvingSymlinksInPath()
  while folder.path != "/" {
    folder.deleteLastPathComponent()
    let file = folder.appending(path: "shared/data/\(path)").path
    if FileManager.default.fileExists(atPath: file) { return file }
  }
  print("skipped: no shared/data/\(path) in any folder above \(#filePath)")
  return nil
}

/// What reading a source says that it cannot read.
func complaint(_ source: EvaluationSource) -> String? {
  do {
    _ = try source.load()
    return nil
  } catch let error as DocumentError {
    return "\(error.location.line):\(error.location.column) \(error.message)"
  } catch {
    return "not a DocumentError: \(error)"
  }
}
