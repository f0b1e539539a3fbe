import AttuneTestKit
import Foundation
import StorageSQLite
import Testing

@Suite struct DataDirectoryLockTests {
  @Test func `a data directory has one holder at a time, who is named to others`() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path + "/a/data"
    let lock = try DataDirectoryLock(directory: directory)
    let error = #expect(throws: DataDirectoryLock.Refusal.self) { try DataDirectoryLock(directory: directory) }
    #expect(error == .held(directory: directory, processID: getpid()))
    #expect(error?.description.contains(directory) == true)
    #expect(error?.description.contains("--server") == true)
    lock.release()
    lock.release()
    try DataDirectoryLock(directory: directory).release()
  }

  @Test func `another process is refused while the lock is held`() throws {
    let folder = try TemporaryFolder()
    func lockFromAnotherProcess() throws -> Int32 {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["flock", "--nonblock", "--conflict-exit-code", "77", folder.path + "/attune.lock", "true"]
      try process.run()
      process.waitUntilExit()
      return process.terminationStatus
    }
    let lock = try DataDirectoryLock(directory: folder.path)
    #expect(try lockFromAnotherProcess() == 77)
    lock.release()
    #expect(try lockFromAnotherProcess() == 0)
  }

  @Test func `the lock ends with its value`() throws {
    let folder = try TemporaryFolder()
    do { _ = try DataDirectoryLock(directory: folder.path) }
    try DataDirectoryLock(directory: folder.path).release()
  }

  @Test func `a directory that cannot be made or entered is told`() throws {
    let folder = try TemporaryFolder()
    let file = folder.path + "/file"
    #expect(FileManager.default.createFile(atPath: file, contents: nil))
    let error = #expect(throws: DataDirectoryLock.Refusal.self) { try DataDirectoryLock(directory: file + "/data") }
    #expect(error?.description.contains(file) == true)
  }

  @Test func `only the owner may enter a new data directory`() throws {
    let folder = try TemporaryFolder()
    let directory = folder.path + "/data"
    try DataDirectoryLock(directory: directory).release()
    let attributes = try FileManager.default.attributesOfItem(atPath: directory)
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }
}
