import AttuneTestKit
import Foundation
import Testing

@testable import StorageSQLite

@Suite struct FolderTests {
  @Test(
    arguments: [
      ("d", ""), ("dd", ""), ("./d", "."), ("a/b", "a"), ("a/b/", "a"), ("a//b", "a"), ("/a", "/"), ("/a/b/c", "/a/b"),
      ("/", "/"), ("é", ""),
    ] as [(String, String)])
  func `a path's parent is what stands before its last name`(path: String, parent: String) {
    #expect(parentFolder(of: path) == parent)
  }

  @Test func `a folder is made with those above it, for the owner alone`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/d/e/f"
    try makeFolder(path)
    try makeFolder(path)
    for made in [path, folder.path + "/d"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: made)
      #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
    }
  }
}
