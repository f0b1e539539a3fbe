import Documents
import Engine
import Governance
import HTTPTypes
import Logging
import Primitives
import Workspaces

/// The files that describe a workspace.
struct DefinitionRoutes: Sendable {
  static let filesMax = 500

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.get, "/v1/definitions", .key(.admin), .readDefinitions) { try await read($0) },
      Route(.put, "/v1/definitions", .key(.admin), body: .large, on: .blockingPool, .applyDefinitions) {
        try await apply($0)
      },
      Route(.post, "/v1/definitions/check", .key(.admin), body: .large, on: .blockingPool, .checkDefinitions) {
        try check($0)
      },
    ]
  }

  private func read(_ call: Call) async throws -> Reply {
    let (version, files) = try await context.partition(of: call.caller).definitions()
    return Reply { writer in
      writer.object { writer in
        writer.member("version", version)
        writer.member(
          "files",
          array: { list in
            for file in files {
              list.object {
                $0.member("path", file.path)
                $0.member("text", file.text)
              }
            }
          })
      }
    }
  }

  private func apply(_ call: Call) async throws -> Reply {
    let version = try await context.partition(of: call.caller).activate(try files(in: call))
    context.logger.info(
      "definitions applied",
      metadata: [
        "workspace": "\(call.caller.workspace)", "version": "\(version)", "key": "\(call.caller.key)",
      ])
    return Reply { $0.object { $0.member("version", version) } }
  }

  private func check(_ call: Call) throws -> Reply {
    let errors = Partition.check(try files(in: call))
    return Reply { writer in
      writer.object {
        $0.member("valid", errors.isEmpty)
        $0.member("errors", array: { list in for error in errors { list.write(error) } })
      }
    }
  }

  private func files(in call: Call) throws(Problem) -> [DefinitionFile] {
    guard let list = try call.object()["files" as StaticString] else {
      throw .missing("files", "the body has no 'files', expected an array of {\"path\", \"text\"}")
    }
    guard list.isArray else { throw .invalidField("files", found: list, expected: "an array of {\"path\", \"text\"}") }
    var files: [DefinitionFile] = []
    for (index, view) in list.elements.enumerated() {
      guard index < Self.filesMax else { throw .invalidParameter("files", "more than \(Self.filesMax) files") }
      let textView = view["text" as StaticString]
      guard let path = view["path" as StaticString]?.string, textView?.isString ?? true else {
        throw .invalidField("files[\(index)]", found: view, expected: "an object with the strings 'path' and 'text'")
      }
      guard Self.isUsable(path) else {
        throw .invalidParameter(
          "files[\(index)].path", "'\(path.prefix(80))' is no relative path of a file that ends in .yaml or .yml")
      }
      // As with files on a disk, of one path the last counts.
      files.removeAll { $0.path == path }
      files.append(DefinitionFile(path: path, text: textView?.string ?? ""))
    }
    return files
  }

  /// Paths are written to folders by `attune pull`: none may lead out of it.
  private static func isUsable(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let areNames = parts.allSatisfy { part in
      !part.hasPrefix(".") && !part.isEmpty
        && part.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }
    }
    return areNames && path.utf8.count <= 256 && (path.hasSuffix(".yaml") || path.hasSuffix(".yml"))
  }
}
