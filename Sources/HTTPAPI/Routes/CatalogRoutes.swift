import Catalog
import Engine
import Governance
import HTTPTypes
import Primitives

/// Items: what can be shown.
struct CatalogRoutes: Sendable {
  static let pageMax = 500
  /// Changes of one commit; more are made in several.
  private static let changesPerCommit = 2_000

  let context: ServerContext

  var routes: [Route] {
    [
      Route(.put, "/v1/catalog/items", .key(.admin), body: .large, on: .blockingPool, .upsertItems) {
        try await upsert($0)
      },
      Route(.get, "/v1/catalog/items", .key(.read), .listItems) { try await list($0) },
      Route(.get, "/v1/catalog/items/{id}", .key(.read), .readItem) { try await item($0) },
      Route(.patch, "/v1/catalog/items/{id}", .key(.admin), body: .small, .patchItem) { try await patch($0) },
      Route(.delete, "/v1/catalog/items/{id}", .key(.admin), .deleteItem) { try await delete($0) },
    ]
  }

  private func upsert(_ call: Call) async throws -> Reply {
    let body = try ItemLines(call, max: context.configuration.bodyLimits.linesMax)
    let partition = try await context.partition(of: call.caller)
    var refused = body.refused
    var revision: UInt64?
    for start in stride(from: 0, to: body.lines.count, by: Self.changesPerCommit) {
      let lines = body.lines[start..<min(start + Self.changesPerCommit, body.lines.count)]
      let receipt = try await partition.change(lines.map(\.change))
      revision = receipt.revision
      refused += receipt.refused.map { ItemLines.Refused($0.refusal, line: body.lines[start + $0.index].line) }
    }
    let accepted = body.lines.count - (refused.count - body.refused.count)
    return Reply { writer in
      writer.object { writer in
        writer.member("accepted", accepted)
        writer.member("rejected", array: { list in for line in refused { line.write(into: &list) } })
        if let revision { writer.member("revision", Int64(clamping: revision)) }
      }
    }
  }

  private func list(_ call: Call) async throws -> Reply {
    let limit = try call.query.limit(standard: 50, max: Self.pageMax)
    let after = try call.query.last("cursor").map { try Cursor.text(of: $0) }
    let page = try await context.partition(of: call.caller).items(after: after, limit: limit)
    return Reply { writer in
      writer.object { writer in
        writer.member("items", array: { list in for item in page.items { item.write(to: &list) } })
        writer.member("next", page.next.map(Cursor.init(text:))?.encoded)
        writer.member("revision", Int64(clamping: page.revision))
      }
    }
  }

  private func item(_ call: Call) async throws -> Reply {
    guard let item = try await context.partition(of: call.caller).item(call.parameters[0]) else {
      throw Problem.unknown("such item")
    }
    return Reply { item.write(to: &$0) }
  }

  private func patch(_ call: Call) async throws -> Reply {
    let body = try call.object()
    let id = call.parameters[0]
    let partition = try await context.partition(of: call.caller)
    _ = try await make(partition, id: id) { () throws(CatalogRefusal) in try CatalogChange(patching: id, with: body) }
    guard let item = try await partition.item(id) else { throw Problem.unknown("such item") }
    return Reply { item.write(to: &$0) }
  }

  private func delete(_ call: Call) async throws -> Reply {
    let id = call.parameters[0]
    let partition = try await context.partition(of: call.caller)
    let revision = try await make(partition, id: id) { () throws(CatalogRefusal) in try CatalogChange(deleting: id) }
    return Reply { writer in
      writer.object {
        $0.member("item_id", id)
        $0.member("revision", Int64(clamping: revision))
      }
    }
  }

  /// Makes one change.
  /// - Returns: The catalogue's revision after it.
  /// - Throws: `Problem` when it cannot be made, with 404 for an item that the catalogue does not hold.
  private func make(
    _ partition: Partition, id: String, _ read: () throws(CatalogRefusal) -> CatalogChange
  ) async throws -> UInt64 {
    // What cannot be an item's id is no item's id.
    guard (try? CatalogChange(deleting: id)) != nil else { throw Problem.unknown("such item") }
    let change: CatalogChange
    do throws(CatalogRefusal) { change = try read() } catch { throw Problem(error) }
    let receipt = try await partition.change([change])
    if let refused = receipt.refused.first { throw Problem(refused.refusal) }
    return receipt.revision
  }
}

extension Problem {
  init(_ refusal: CatalogRefusal) {
    self.init(
      refusal.code == .unknownItem ? .notFound : .badRequest, refusal.code.rawValue, refusal.message,
      field: refusal.field)
  }
}

/// A place in a list as clients carry it: base 64 for URLs, so that it needs no escaping.
struct Cursor {
  let encoded: String

  init(text: String) {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    var encoded: [UInt8] = []
    var pending: UInt32 = 0
    var bits = 0
    for byte in text.utf8 {
      pending = (pending << 8 | UInt32(byte)) & 0xFFFF
      bits += 8
      while bits >= 6 {
        bits -= 6
        encoded.append(alphabet[Int(pending >> UInt32(bits) & 63)])
      }
    }
    if bits > 0 { encoded.append(alphabet[Int(pending << UInt32(6 - bits) & 63)]) }
    self.encoded = String(decoding: encoded, as: UTF8.self)
  }

  /// The text of a cursor; of one that we did not write, some text all the same.
  static func text(of encoded: String) throws(Problem) -> String {
    guard let text = decodedBase64(encoded[...]) else {
      throw .invalidParameter("cursor", "'\(encoded.prefix(40))' is no cursor; send the 'next' of the page before")
    }
    return String(decoding: text, as: UTF8.self)
  }
}
