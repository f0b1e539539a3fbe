public import Governance
import Primitives
import Testing

/// What every `DocumentStore` keeps, whatever its backend. Run each law on a fresh store.
public enum DocumentStoreContract {
  public typealias Law = StoreLaw<any DocumentStore>

  public static let laws: [Law] = [
    Law("what was never saved is absent") { store in
      let main = try workspace("main")
      #expect(try store.document(workspace: main, collection: "keys", key: "a") == nil)
      #expect(try store.version(workspace: main, collection: "keys", key: "a", 1) == nil)
      #expect(try store.documents(workspace: main, collection: "keys").isEmpty)
      #expect(try store.workspaces().isEmpty)
      try store.remove(workspace: main, collection: "keys", key: "a")
      try store.erase(workspace: main)
    },
    Law("each saving makes the next version, and all versions can be read") { store in
      let main = try workspace("main")
      let bodies: [[UInt8]] = [[1, 2, 3], [], Array(repeating: 200, count: 100_000), [0]]
      for (index, body) in bodies.enumerated() {
        let now = Timestamp(microseconds: Int64(index) - 1)
        let saved = try store.save(
          workspace: main, collection: "definitions", key: "home", body: body, expecting: nil, at: now)
        let expected = StoredDocument(key: "home", version: index + 1, savedAt: now, body: body)
        #expect(saved == expected)
        #expect(try store.document(workspace: main, collection: "definitions", key: "home") == expected)
      }
      for (index, body) in bodies.enumerated() {
        let read = try store.version(workspace: main, collection: "definitions", key: "home", index + 1)
        #expect(read?.body == body)
      }
      for absent in [-1, 0, 5] {
        #expect(try store.version(workspace: main, collection: "definitions", key: "home", absent) == nil)
      }
    },
    Law("a saving that expects another version is refused and changes nothing") { store in
      let main = try workspace("main")
      try store.put("a", [1], expecting: 0)
      for wrong in [0, 2] {
        #expect(throws: DocumentConflict(key: "a", latest: 1)) { try store.put("a", [9], expecting: wrong) }
      }
      #expect(throws: DocumentConflict(key: "b", latest: 0)) { try store.put("b", [9], expecting: 1) }
      try store.put("a", [2], expecting: 1)
      #expect(try store.documents(workspace: main, collection: "keys").map(\.body) == [[2]])
    },
    Law("a collection lists the latest version of each document by the bytes of its key") { store in
      let main = try workspace("main")
      let keys = ["", "B", "a", "a b", "é", "e\u{301}", "\u{1F600}", "%", "_", "'"]
      for key in keys {
        try store.put(key, [0])
        try store.put(key, Array(key.utf8))
      }
      let listed = try store.documents(workspace: main, collection: "keys")
      let inOrder = keys.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
      #expect(listed.map { Array($0.key.utf8) } == inOrder)
      #expect(listed.allSatisfy { $0.version == 2 && $0.body == Array($0.key.utf8) })
    },
    Law("workspaces and collections do not see each other") { store in
      let (main, other) = (try workspace("main"), try workspace("main-2"))
      try store.put("a", [1])
      try store.put("a", [2], in: other)
      try store.put("a", [3], collection: "other")
      #expect(try store.document(workspace: main, collection: "keys", key: "a")?.body == [1])
      #expect(try store.document(workspace: other, collection: "keys", key: "a")?.body == [2])
      #expect(try store.documents(workspace: main, collection: "other").map(\.body) == [[3]])
      #expect(try store.documents(workspace: other, collection: "other").isEmpty)
      #expect(try store.workspaces() == [main, other])
    },
    Law("a removed document is gone with its versions and begins anew") { store in
      let main = try workspace("main")
      for key in ["a", "a", "b"] { try store.put(key, [1]) }
      try store.remove(workspace: main, collection: "keys", key: "a")
      #expect(try store.version(workspace: main, collection: "keys", key: "a", 1) == nil)
      #expect(try store.documents(workspace: main, collection: "keys").map(\.key) == ["b"])
      #expect(try store.put("a", [2], expecting: 0).version == 1)
    },
    Law("an erased workspace is gone, the others stay") { store in
      let (main, other) = (try workspace("main"), try workspace("other"))
      for place in [main, other] {
        try store.put("a", [1], in: place)
        try store.put("b", [1], in: place, collection: "definitions")
      }
      try store.erase(workspace: main)
      #expect(try store.workspaces() == [other])
      #expect(try store.documents(workspace: main, collection: "definitions").isEmpty)
      #expect(try store.document(workspace: other, collection: "keys", key: "a")?.body == [1])
    },
  ]
}

private func workspace(_ name: String) throws -> WorkspaceID { try #require(WorkspaceID(name)) }

extension DocumentStore {
  @discardableResult fileprivate func put(
    _ key: String, _ body: [UInt8], expecting: Int? = nil, in place: WorkspaceID? = nil, collection: String = "keys"
  ) throws -> StoredDocument {
    let place = try place ?? workspace("main")
    return try save(
      workspace: place, collection: collection, key: key, body: body, expecting: expecting,
      at: Timestamp(seconds: 1_000))
  }
}
