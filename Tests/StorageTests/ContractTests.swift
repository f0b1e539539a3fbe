import AttuneTestKit
import Engine
import Governance
import StorageMemory
import StorageSQLite
import Testing

@Suite struct ContractTests {
  enum Backend: CaseIterable {
    case memory, sqlite
  }

  @Test(arguments: Backend.allCases, PartitionStoreContract.laws)
  func `every partition store keeps the contract`(backend: Backend, law: PartitionStoreContract.Law) throws {
    switch backend {
    case .memory:
      try law.holds(for: MemoryPartitionStore())
    case .sqlite:
      let folder = try TemporaryFolder()
      let store = try SQLitePartitionStore(folder: folder.path + "/partition")
      defer { store.close() }
      try law.holds(for: store)
    }
  }

  @Test(arguments: Backend.allCases, DocumentStoreContract.laws)
  func `every document store keeps the contract`(backend: Backend, law: DocumentStoreContract.Law) throws {
    switch backend {
    case .memory:
      try law.holds(for: MemoryDocumentStore())
    case .sqlite:
      let folder = try TemporaryFolder()
      let store = try SQLiteDocumentStore(directory: folder.path)
      defer { store.close() }
      try law.holds(for: store)
    }
  }
}
