import AttuneTestKit
import Engine
import Foundation
import Primitives
import Testing

@testable import StorageSQLite

@Suite struct BackupFilesTests {
  private func write(_ text: String, to path: String) throws { try Data(text.utf8).write(to: URL(filePath: path)) }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  @Test func `a model's file that is not whole is not in a backup`() throws {
    let folder = try TemporaryFolder()
    let data = folder.path + "/data"
    try SQLiteDocumentStore(directory: data).close()
    let store = try SQLitePartitionStore(folder: data + "/workspaces/main")
    try store.append([LogEntry(kind: .deadLetter, knownAt: Timestamp(seconds: 1), payload: [])])
    try store.saveModel(1, bytes: [1, 2, 3])
    store.close()
    try write("half of it", to: data + "/workspaces/main/models/00000002.model.part")

    let backup = folder.path + "/backup"
    let manifest = try DataBackup(of: data, to: backup, processID: 1).write(at: Timestamp(seconds: 0))
    #expect(manifest.files.map(\.path).filter { $0.contains("/models/") } == ["workspaces/main/models/00000001.model"])
    #expect(try names(in: backup + "/workspaces/main/models") == ["00000001.model"])
    try DataRestore(from: backup).write(to: folder.path + "/restored", movingAside: nil, processID: 1)
    #expect(try names(in: folder.path + "/restored/workspaces/main/models") == ["00000001.model"])
  }

  @Test func `a directory that cannot be replaced is again what it was`() throws {
    let folder = try TemporaryFolder()
    let (data, aside) = (folder.path + "/data", folder.path + "/aside")
    try makeFolder(data)
    try write("old", to: data + "/file")
    let failure = #expect(throws: BackupFailure.self) {
      try DataRestore.replace(data, by: folder.path + "/nothing", movingAside: aside)
    }
    #expect(failure?.description.hasSuffix("\(data) is again what it was") == true)
    #expect(try names(in: folder.path) == ["data"] && names(in: data) == ["file"])

    let part = folder.path + "/part"
    try makeFolder(part)
    try DataRestore.replace(data, by: part, movingAside: aside)
    #expect(try names(in: folder.path) == ["aside", "data"] && names(in: data) == [] && names(in: aside) == ["file"])
  }
}
