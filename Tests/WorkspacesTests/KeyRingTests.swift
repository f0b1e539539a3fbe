import Governance
import Primitives
import StorageMemory
import Testing
import Workspaces

@Suite struct KeyRingTests {
  let store = MemoryDocumentStore()
  let now = Timestamp(seconds: 1_770_000_000)
  var generator = SeededGenerator(seed: 7)

  private func shop() throws -> WorkspaceID { try #require(WorkspaceID("shop")) }

  @Test mutating func `the first start makes one admin key of main and shows it once`() throws {
    let ring = try KeyRing(store: store)
    let issued = try #require(try ring.prepareAdminKey(chosen: nil, at: now, using: &generator))
    let caller = try #require(ring.authenticate(issued.secret.text))
    #expect(caller.workspace == .main)
    #expect(Scope.allCases.allSatisfy(caller.may))
    #expect(try ring.prepareAdminKey(chosen: nil, at: now, using: &generator) == nil)
    #expect(ring.list(workspace: .main).count == 1)
  }

  @Test mutating func `a key is 32 random bytes in base64url after atn_`() {
    let first = KeySecret(using: &generator)
    let second = KeySecret(using: &generator)
    #expect(first.text.wholeMatch(of: /atn_[A-Za-z0-9_-]{43}/) != nil)
    #expect(first != second)
  }

  @Test mutating func `keys outlive the process and their secrets are stored nowhere`() throws {
    let ring = try KeyRing(store: store)
    let issued = try ring.create(workspace: try shop(), scopes: [.read, .collect], at: now, using: &generator)
    let again = try KeyRing(store: store)
    let caller = try #require(again.authenticate(issued.secret.text))
    #expect(caller.key == issued.key.id)
    #expect(again.list(workspace: try shop()) == [issued.key])
    #expect(issued.key.scopes == [.collect, .read])
    for document in try store.documents(workspace: try shop(), collection: "keys") {
      #expect(!String(decoding: document.body, as: UTF8.self).contains(issued.secret.text.dropFirst(4)))
    }
  }

  @Test(arguments: [
    ([Scope.collect], [Scope.collect]),
    ([.decide, .read], [.decide, .read]),
    ([.admin], Scope.allCases),
  ])
  mutating func `a key has its scopes, and admin has all`(given: [Scope], expected: [Scope]) throws {
    let ring = try KeyRing(store: store)
    let issued = try ring.create(workspace: try shop(), scopes: Set(given), at: now, using: &generator)
    let caller = try #require(ring.authenticate(issued.secret.text))
    #expect(Scope.allCases.filter(caller.may) == expected)
  }

  @Test mutating func `only an admin of main keeps the keys of other workspaces`() throws {
    let ring = try KeyRing(store: store)
    let other = try #require(WorkspaceID("other"))
    func caller(_ workspace: WorkspaceID, _ scopes: Set<Scope>) throws -> Caller {
      let issued = try ring.create(workspace: workspace, scopes: scopes, at: now, using: &generator)
      return try #require(ring.authenticate(issued.secret.text))
    }
    #expect(try caller(.main, [.admin]).mayKeepKeys(of: other))
    #expect(try !caller(.main, [.read, .collect, .decide]).mayKeepKeys(of: .main))
    #expect(try caller(shop(), [.admin]).mayKeepKeys(of: shop()))
    #expect(try !caller(shop(), [.admin]).mayKeepKeys(of: other))
    #expect(try !caller(shop(), [.admin]).mayKeepKeys(of: .main))
  }

  @Test(arguments: ["", "atn_", "atn_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "\u{0}", "ключ"])
  mutating func `an unknown text is nobody's key`(text: String) throws {
    let ring = try KeyRing(store: store)
    _ = try ring.prepareAdminKey(chosen: nil, at: now, using: &generator)
    #expect(ring.authenticate(text) == nil)
  }

  @Test mutating func `a removed key is unknown at once and after a restart`() throws {
    let ring = try KeyRing(store: store)
    let issued = try ring.create(workspace: try shop(), scopes: [.read], at: now, using: &generator)
    try ring.revoke(issued.key.id, workspace: try shop())
    #expect(ring.authenticate(issued.secret.text) == nil)
    #expect(try KeyRing(store: store).authenticate(issued.secret.text) == nil)
    #expect(throws: KeyRingError.unknownKey(issued.key.id)) {
      try ring.revoke(issued.key.id, workspace: try shop())
    }
  }

  @Test mutating func `a key of another workspace cannot be removed and stays`() throws {
    let ring = try KeyRing(store: store)
    let issued = try ring.create(workspace: .main, scopes: [.read], at: now, using: &generator)
    #expect(throws: KeyRingError.unknownKey(issued.key.id)) {
      try ring.revoke(issued.key.id, workspace: try shop())
    }
    #expect(ring.authenticate(issued.secret.text) != nil)
  }

  @Test mutating func `the last admin key of main stays`() throws {
    let ring = try KeyRing(store: store)
    let first = try #require(try ring.prepareAdminKey(chosen: nil, at: now, using: &generator))
    #expect(throws: KeyRingError.lastAdminKey) { try ring.revoke(first.key.id, workspace: .main) }
    _ = try ring.create(workspace: .main, scopes: [.admin], at: now, using: &generator)
    try ring.revoke(first.key.id, workspace: .main)
    #expect(ring.authenticate(first.secret.text) == nil)
  }

  @Test mutating func `a key without scopes is refused`() throws {
    let ring = try KeyRing(store: store)
    #expect(throws: KeyRingError.noScopes) {
      try ring.create(workspace: .main, scopes: [], at: now, using: &generator)
    }
  }

  @Test mutating func `a chosen admin key replaces the one chosen before and no other`() throws {
    let ring = try KeyRing(store: store)
    let first = try #require(try ring.prepareAdminKey(chosen: nil, at: now, using: &generator))
    #expect(try ring.prepareAdminKey(chosen: "first-choice", at: now, using: &generator) == nil)
    #expect(try ring.prepareAdminKey(chosen: "first-choice", at: now, using: &generator) == nil)
    #expect(ring.list(workspace: .main).count == 2)
    _ = try ring.prepareAdminKey(chosen: "second-choice", at: now, using: &generator)
    for ring in [ring, try KeyRing(store: store)] {
      #expect(ring.authenticate("first-choice") == nil)
      #expect(ring.authenticate("second-choice")?.may(.admin) == true)
      #expect(ring.authenticate(first.secret.text) != nil)
    }
  }

  @Test mutating func `choosing the key that exists already changes nothing`() throws {
    let ring = try KeyRing(store: store)
    let first = try #require(try ring.prepareAdminKey(chosen: nil, at: now, using: &generator))
    _ = try ring.prepareAdminKey(chosen: first.secret.text, at: now, using: &generator)
    #expect(ring.list(workspace: .main) == [first.key])
  }

  @Test(arguments: ["", "with space", "user:password", "tab\t", "naïve"])
  mutating func `a chosen key that no header can carry is refused`(text: String) throws {
    let ring = try KeyRing(store: store)
    #expect(throws: KeyRingError.unusableAdminKey) {
      try ring.prepareAdminKey(chosen: text, at: now, using: &generator)
    }
  }

  @Test func `a document that is no key stops the start with its name`() throws {
    _ = try store.save(
      workspace: .main, collection: "keys", key: "k_1", body: Array("{}".utf8), expecting: nil, at: now)
    #expect {
      try KeyRing(store: store)
    } throws: { error in
      guard case .corrupt(let message) = error as? KeyRingError else { return false }
      return message.contains("k_1")
    }
  }

  @Test(arguments: [
    // FIPS 180-4 examples, as printed by sha256sum.
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
  ])
  func `a key hash is SHA-256`(text: String, expected: String) {
    #expect(KeyHash(of: text).hexadecimal == expected)
    #expect(KeyHash(hexadecimal: expected) == KeyHash(of: text))
    #expect(KeyHash(hexadecimal: String(expected.dropLast())) == nil)
  }
}
