import AttuneTestKit
import Engine
import InMemoryLogging
import Logging
import Primitives
import StorageMemory
import Synchronization
import Testing

@testable import HTTPAPI

@Suite struct ErasureRouteTests {
  @Test func `an erasure that did not end is waited for by the id or the proof, and logged once`() async throws {
    let isFull = Mutex(true)
    let store = HookedStore(
      MemoryPartitionStore(),
      onPurge: { () throws(PartitionStoreError) in
        let fails = isFull.withLock { isFull in
          defer { isFull = false }
          return isFull
        }
        if fails { throw .full }
      })
    let log = InMemoryLogHandler()
    try await TestServer.run(openStore: { _ in store }, log: log) { server in
      for user in ["ada", "bob"] {
        let event = #"{"user_id":"\#(user)","event_type":"view","item_id":"a"}"#
        #expect(try await server.admin.post("/v1/events", event).status == 200)
      }
      func id(_ user: String) async throws -> String {
        try #require(try await server.admin.get("/v1/profiles?user_id=\(user)").json["profile_id"]?.string)
      }
      var logged: Int { log.entries.count { $0.message == "a person was erased" } }

      let (ada, bob) = (try await id("ada"), try await id("bob"))
      let unfinished = try await server.admin.send("DELETE", "/v1/profiles/\(ada)")
      #expect(unfinished.status == 503 && unfinished.code == "unfinished_erasure", "\(unfinished.text)")
      #expect(logged == 1)

      let listed = try await server.admin.get("/v1/erasures?user_id=ada").json["erasures"]?.array ?? []
      #expect(listed.count == 1)
      let digest = try #require(listed.first?["profile_digest"]?.string)
      for name in [digest, ada] {
        let proof = try await server.admin.send("DELETE", "/v1/profiles/\(name)")
        #expect(proof.status == 200 && proof.json == listed.first, "\(proof.text)")
        #expect(try !store.isPurgeDue())
      }
      #expect(logged == 1)

      // A digest erases nobody.
      let nobody = String(repeating: "0", count: 32)
      #expect(try await server.admin.send("DELETE", "/v1/profiles/\(nobody)").code == "not_found")
      #expect(try await id("bob") == bob)
      #expect(try await server.admin.send("DELETE", "/v1/profiles/\(bob)").status == 200)
      #expect(logged == 2)
    }
  }
}
