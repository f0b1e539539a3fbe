import Foundation
import Testing

@testable import attune

@Suite struct OutputFileTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.path + "/attune-output-\(UUID())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func kind(_ path: String) throws -> FileAttributeType? {
    try FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
  }

  @Test func `a pipe is written into and stays a pipe`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/pipe"
    try #require(mkfifo(path, 0o644) == 0)
    // Both ends, so that opening waits for nobody.
    let reader = open(path, O_RDWR | O_NONBLOCK)
    defer { close(reader) }
    try OutputFile.write("of people".utf8, to: path)
    var bytes = [UInt8](repeating: 0, count: 64)
    #expect(read(reader, &bytes, 64) == 9)
    var status = stat()
    #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO && status.st_mode & 0o777 == 0o644)
    #expect(!FileManager.default.fileExists(atPath: path + ".part"))
  }

  @Test func `a link stays, and the file behind it is replaced`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let (file, link) = (folder + "/file", folder + "/link")
    try Data("before".utf8).write(to: URL(filePath: file))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    try OutputFile.write("after".utf8, to: link)
    #expect(try kind(link) == .typeSymbolicLink)
    #expect(try String(contentsOf: URL(filePath: file), encoding: .utf8) == "after")
  }

  @Test func `what was there stays until the new file is whole`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/file"
    try OutputFile.write("before".utf8, to: path)
    let file = try OutputFile(path)
    try file.write("half".utf8)
    file.discard()
    #expect(try String(contentsOf: URL(filePath: path), encoding: .utf8) == "before")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
  }

  @Test func `a folder, and a file in no folder, are refused before any work`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    #expect(throws: CommandFailure.self) { try OutputFile.check(folder) }
    #expect(throws: CommandFailure.self) { try OutputFile.check(folder + "/none/file") }
    try OutputFile.check(folder + "/file")
    try OutputFile.check(nil)
  }
}
