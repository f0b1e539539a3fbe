import AttuneTestKit
import Engine
import Foundation
import StorageSQLite
import Testing

@Suite struct ModelFilesTests {
  private func open(_ folder: TemporaryFolder) throws -> SQLitePartitionStore {
    try SQLitePartitionStore(folder: folder.path)
  }

  @Test func `models outlive the process, each in a file for the owner alone`() throws {
    let folder = try TemporaryFolder()
    let store = try open(folder)
    try store.saveModel(7, bytes: [1, 2, 3])
    store.close()
    let path = folder.path + "/models/00000007.model"
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    let again = try open(folder)
    defer { again.close() }
    #expect(try again.models() == [7])
    #expect(try again.model(7) == [1, 2, 3])
  }

  @Test func `half a file that a crash left is no model, and is in nobody's way`() throws {
    let folder = try TemporaryFolder()
    let store = try open(folder)
    defer { store.close() }
    try store.saveModel(1, bytes: [1])
    let beside = folder.path + "/models/00000002.model.part"
    try Data(repeating: 9, count: 10_000).write(to: URL(fileURLWithPath: beside))
    #expect(try store.models() == [1])
    #expect(try store.model(2) == nil)
    try store.saveModel(2, bytes: [2, 2])
    #expect(try store.model(2) == [2, 2])
    #expect(try store.models() == [1, 2])
    #expect(!FileManager.default.fileExists(atPath: beside))
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/models/00000002.model")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
  }

  @Test func `a file that cannot be written or read says which and why`() throws {
    let folder = try TemporaryFolder()
    let store = try open(folder)
    defer { store.close() }
    try store.saveModel(1, bytes: [1])
    // A folder where a file should be.
    try FileManager.default.createDirectory(
      atPath: folder.path + "/models/00000003.model/inside", withIntermediateDirectories: true)
    for call in [{ try store.saveModel(3, bytes: [3]) }, { _ = try store.model(3) }, { try store.removeModel(3) }] {
      let error = #expect(throws: (any Error).self) { try call() }
      #expect("\(error.map { "\($0)" } ?? "")".contains("00000003.model"))
    }
    #expect(try store.model(1) == [1])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path + "/models").sorted() == [
        "00000001.model", "00000003.model",
      ])
  }
}
