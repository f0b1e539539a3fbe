import Testing

@Suite struct StyleTests {
  static let linesMax = 400

  @Test func `no file is longer than four hundred lines`() throws {
    for file in try Project.swiftFiles(under: "Sources") + Project.swiftFiles(under: "Tests") {
      // A text's last line break begins no line.
      let count = file.lines.last == "" ? file.lines.count - 1 : file.lines.count
      #expect(count <= Self.linesMax, "\(file.path) has \(count) lines")
    }
  }

  /// Each with the reason that STYLE.md gives.
  static let banned: [(word: String, instead: String)] = [
    ("try!", "handle the error"),
    ("as!", "use a conditional cast, and refuse"),
    ("Task.detached", "use a Service or a child task"),
    ("DispatchQueue.global", "use a Service or a thread of your own"),
    ("Thread.sleep", "wait for what you wait for"),
  ]

  @Test func `banned words do not occur`() throws {
    for file in try Project.swiftFiles(under: "Sources") + Project.swiftFiles(under: "Tests") {
      for (index, line) in file.lines.enumerated() {
        for (word, instead) in Self.banned where line.contains(word) && codeOnly(line).containsWord(word) {
          Issue.record("\(file.path):\(index + 1) says \(word): \(instead)")
        }
        for word in ["TODO", "FIXME"] where line.contains(word) && line.containsWord(word) {
          // The words themselves stand in this file only.
          guard file.path != "Tests/TidyTests/StyleTests.swift" else { continue }
          Issue.record("\(file.path):\(index + 1) leaves work undone: file an issue")
        }
      }
    }
  }

  @Test func `libraries do not print`() throws {
    for file in try Project.swiftFiles(under: "Sources") where file.target != "attune" {
      for (index, line) in file.lines.enumerated()
      where line.contains("print(") && codeOnly(line).containsWord("print(") {
        Issue.record("\(file.path):\(index + 1) prints: return a value or log")
      }
    }
  }

  @Test func `a type that the compiler cannot check for sharing carries its proof`() throws {
    for file in try Project.swiftFiles(under: "Sources") {
      for (index, line) in file.lines.enumerated() {
        guard line.contains("Sendable") || line.contains("nonisolated") else { continue }
        let code = codeOnly(line)
        guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { continue }
        let comment = file.lines[..<index].reversed().prefix { $0.trimmed.hasPrefix("//") || $0.trimmed.hasPrefix("@") }
        #expect(comment.contains { $0.contains("Proof:") }, "\(file.path):\(index + 1) has no `Proof:` above it")
      }
    }
  }

  @Test func `files are named for duties`() throws {
    for file in try Project.swiftFiles(under: "Sources") + Project.swiftFiles(under: "Tests") {
      for vague in ["Manager", "Helper", "Util", "Impl.", "Misc", "Common"] {
        #expect(!file.name.contains(vague), "\(file.path): what is its duty?")
      }
    }
  }

  @Test func `test names are sentences in backticks`() throws {
    for file in try Project.swiftFiles(under: "Tests") {
      for (index, line) in file.lines.enumerated() where line.trimmed.hasPrefix("@Test") {
        // The function stands on this line or, after arguments, on one of the next.
        let rest = file.lines[index...].map(\.trimmed)
        guard let declaration = rest.first(where: { $0.contains("func ") }) else { continue }
        let name = declaration.split(separator: "func ", maxSplits: 1).last ?? ""
        #expect(name.hasPrefix("`") && name.contains(" "), "\(file.path):\(index + 1): \(name.prefix(60))")
      }
    }
  }

  @Test func `tests do not sleep`() throws {
    for file in try Project.swiftFiles(under: "Tests") where file.target != "EndToEndTests" {
      for (index, line) in file.lines.enumerated() {
        guard line.contains("sleep") else { continue }
        let code = codeOnly(line)
        for call in ["Task.sleep", "usleep(", "nanosleep(", "sleep("] where code.containsWord(call) {
          Issue.record("\(file.path):\(index + 1) sleeps: use ManualClock, or wait for an event")
        }
      }
    }
  }

  @Test(
    arguments: [
      ("let a = \"try!\" // as!", "try!", false), ("let a = try! b()", "try!", true), ("blueprint(x)", "print(", false),
      ("  print(x)", "print(", true), ("\"\\\"print(x)\"", "print(", false),
    ] as [(Substring, String, Bool)])
  func `words within strings and comments are not code`(line: Substring, word: String, isFound: Bool) {
    #expect(codeOnly(line).containsWord(word) == isFound)
  }
}

extension StringProtocol {
  var trimmed: Substring { Substring(self).drop { $0 == " " } }

  /// Whether `word` stands here with no letter, digit or underscore before it, nor after it when it ends in one.
  func containsWord(_ word: String) -> Bool {
    func isPart(_ character: Character?) -> Bool { character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false }
    var rest = Substring(self)
    var before: Character?
    while !rest.isEmpty {
      if rest.hasPrefix(word), !isPart(before) {
        let after = rest.dropFirst(word.count).first
        if !(isPart(word.last) && isPart(after)) { return true }
      }
      before = rest.removeFirst()
    }
    return false
  }
}
