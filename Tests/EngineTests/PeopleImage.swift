import AttuneTestKit
import Events
import Primitives
import Profiles

@testable import Engine

/// Everything that a state in memory holds of people, to be compared.
struct PeopleImage: Sendable {
  private var records: [String: [UInt8]] = [:]
  private let profiles: UInt64

  init(_ state: PartitionState) {
    profiles = state.counts.profiles
    var found: [String: [UInt8]] = [:]
    state.persons.forEachInMemory { found["person \($0)"] = $1.binary }
    state.identifiers.forEachInMemory { found["identifier \($0.digest)"] = $1.binary }
    state.related.forEachInMemory { found["related \($0.digest)"] = $1.binary }
    state.postings.forEachInMemory { found["posting \($0.identifier.digest) \($0.number)"] = $1.binary }
    records = found
  }

  /// Where two differ, in words.
  func differences(from other: PeopleImage) -> [String] {
    let counted = profiles == other.profiles ? [] : ["\(profiles) profiles, \(other.profiles)"]
    return counted
      + Set(records.keys).union(other.records.keys).sorted().filter { records[$0] != other.records[$0] }.map {
        "\($0): \(records[$0]?.count ?? 0) bytes, \(other.records[$0]?.count ?? 0)"
      }
  }
}

extension PartitionStore {
  func allEntries() throws -> [PositionedEntry] {
    var entries: [PositionedEntry] = []
    var next = LogPosition.start.next
    while case let more = try self.entries(from: next, bytesMax: 1 << 20), let last = more.last {
      entries += more
      next = last.position.next
    }
    return entries
  }
}

extension PartitionFixture {
  /// What the profile of an identifier shows now.
  func view(_ identifier: Identifier) async throws -> JSONValue? {
    try await partition.profile(of: identifier, at: clock.now)?.json
  }

  func play(_ step: SharedHistory.Step) async throws {
    clock.advance(by: .seconds(step.seconds))
    try await send([step.event], shape: .batchItem)
  }
}

extension PersonView {
  var json: JSONValue? {
    var writer = JSONWriter()
    write(into: &writer)
    return try? JSONValue(parsing: String(decoding: writer.bytes, as: UTF8.self))
  }
}

extension JSONValue {
  /// A profile without the refusals that an unmerge alone brings about.
  var withoutUnmerged: JSONValue {
    guard case .object(var object) = self else { return self }
    let refused = self["refused_merges"]?.array?.filter { $0["reason"]?.string != "unmerged" }
    object["refused_merges"] = .array(refused ?? [])
    return .object(object)
  }
}
