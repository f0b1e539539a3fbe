public import Testing

/// One law of a store's contract, told in words and checked on a fresh, empty store of any backend.
public struct StoreLaw<Store>: Sendable, CustomTestStringConvertible {
  public let testDescription: String
  let check: @Sendable (Store) throws -> Void

  init(_ testDescription: String, _ check: @escaping @Sendable (Store) throws -> Void) {
    self.testDescription = testDescription
    self.check = check
  }

  /// Records an issue for each way in which `store`, fresh and empty, breaks the law.
  public func holds(for store: Store) throws { try check(store) }
}
