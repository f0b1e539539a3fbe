import Foundation
import Synchronization

/// The built program and what stands around it.
enum Program {
  static let root = URL(filePath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// `ATTUNE_BINARY`, else the debug build.
  static var binary: String {
    ProcessInfo.processInfo.environment["ATTUNE_BINARY"] ?? root.appending(path: ".build/debug/attune").path
  }

  /// Python with the clients of Scripts/test-requirements.txt.
  static var python: String { root.appending(path: ".venv/bin/python").path }

  struct Output: Sendable {
    let status: Int32
    let text: String
    let errors: String
  }

  struct Missing: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program to its end.
  static func run(
    _ executable: String, _ arguments: [String], input: Data? = nil, environment: [String: String] = [:],
    folder: String? = nil
  ) async throws -> Output {
    guard FileManager.default.isExecutableFile(atPath: executable) else {
      throw Missing(description: "\(executable) is missing; ./test prepares it")
    }
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let text = Collector()
    let errors = Collector()
    process.standardOutput = text.pipe
    process.standardError = errors.pipe
    let stdin = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : stdin
    async let status = withCheckedContinuation { (ended: CheckedContinuation<Int32, Never>) in
      process.terminationHandler = { ended.resume(returning: $0.terminationStatus) }
      do { try process.run() } catch { ended.resume(returning: -1) }
      if let input {
        stdin.fileHandleForWriting.write(input)
        try? stdin.fileHandleForWriting.close()
      }
    }
    return await Output(status: status, text: text.end(), errors: errors.end())
  }

  static func attune(_ arguments: String..., environment: [String: String] = [:], folder: String? = nil) async throws
    -> Output
  {
    try await run(binary, arguments, environment: environment, folder: folder)
  }
}

/// Gathers what a process writes, line by line for those who wait.
final class Collector: Sendable {
  private struct State {
    var bytes: [UInt8] = []
    /// Where the line begins that has not ended yet.
    var lineStart = 0
  }

  let pipe = Pipe()
  private let state = Mutex(State())
  private let lines: AsyncStream<String>
  private let ended: AsyncStream<Void>

  init() {
    let (lines, line) = AsyncStream.makeStream(of: String.self)
    let (ended, end) = AsyncStream.makeStream(of: Void.self)
    self.lines = lines
    self.ended = ended
    // A thread that reads, since `readabilityHandler` crashes in libdispatch now and then when a pipe ends.
    let thread = Thread { [self] in
      while true {
        let data = pipe.fileHandleForReading.availableData
        if data.isEmpty { break }
        for text in append(data) { line.yield(text) }
      }
      line.finish()
      end.finish()
    }
    thread.start()
  }

  /// Gives the lines that have ended now.
  private func append(_ data: Data) -> [String] {
    state.withLock { state in
      state.bytes += data
      var found: [String] = []
      while let newline = state.bytes[state.lineStart...].firstIndex(of: 0x0A) {
        found.append(String(decoding: state.bytes[state.lineStart..<newline], as: UTF8.self))
        state.lineStart = newline + 1
      }
      return found
    }
  }

  var text: String { String(decoding: state.withLock { $0.bytes }, as: UTF8.self) }

  /// The first line that begins with `prefix`, without it; nil when the output ends before.
  func line(beginning prefix: String) async -> String? {
    for await line in lines where line.hasPrefix(prefix) { return String(line.dropFirst(prefix.count)) }
    return nil
  }

  /// Everything, once the other side has closed.
  func end() async -> String {
    for await _ in ended {}
    return text
  }
}

/// A folder that lives as long as the test.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "attune-e2e-\(UInt64.random(in: 0...UInt64.max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
