public import Logging
public import Primitives
import Synchronization

/// All partitions of one process: one for each workspace, opened when first asked for.
public final class Engine: Sendable {
  private let configuration: EngineConfiguration
  private let now: @Sendable () -> Timestamp
  private let openStore: @Sendable (WorkspaceID) throws -> any PartitionStore
  private let logger: Logger
  private let contents = Mutex(Contents())

  private struct Contents {
    /// Tasks rather than partitions, so that two first calls open a partition once.
    var partitions: [WorkspaceID: Task<Result<Partition, EngineError>, Never>] = [:]
    var isClosed = false
  }

  /// - Parameter openStore: Opens the store of a workspace; called once for each, again only after a failure.
  public init(
    configuration: EngineConfiguration, logger: Logger, now: @escaping @Sendable () -> Timestamp,
    openStore: @escaping @Sendable (WorkspaceID) throws -> any PartitionStore
  ) {
    self.configuration = configuration
    self.logger = logger
    self.now = now
    self.openStore = openStore
  }

  /// The partition of a workspace. Opening folds what the last checkpoint does not hold yet, which may take a while.
  public func partition(of workspace: WorkspaceID) async throws(EngineError) -> Partition {
    let task = contents.withLock { contents -> Task<Result<Partition, EngineError>, Never>? in
      if contents.isClosed { return nil }
      if let known = contents.partitions[workspace] { return known }
      let task = Task { await open(workspace) }
      contents.partitions[workspace] = task
      return task
    }
    guard let task else { throw .closed }
    let result = await task.value
    if case .failure = result {
      contents.withLock { $0.partitions[workspace] = nil }  // the next call tries again
    }
    return try result.get()
  }

  private func open(_ workspace: WorkspaceID) async -> Result<Partition, EngineError> {
    let store: any PartitionStore
    do {
      store = try openStore(workspace)
    } catch let error as PartitionStoreError {
      return .failure(EngineError(error))
    } catch {
      return .failure(.unavailable("workspace \(workspace) cannot be opened: \(error)"))
    }
    do throws(EngineError) {
      var logger = logger
      logger[metadataKey: "workspace"] = "\(workspace)"
      return .success(
        try await Partition.open(store: store, configuration: configuration, logger: logger, now: now))
    } catch {
      return .failure(error)
    }
  }

  /// Partitions that are open now, by workspace.
  public func openPartitions() async -> [(workspace: WorkspaceID, partition: Partition)] {
    let tasks = contents.withLock { $0.partitions }
    var open: [(workspace: WorkspaceID, partition: Partition)] = []
    for (workspace, task) in tasks.sorted(by: { $0.key < $1.key }) {
      if case .success(let partition) = await task.value { open.append((workspace, partition)) }
    }
    return open
  }

  /// Finishes what waits, saves all state and closes the stores. Later calls throw `.closed`.
  public func close() async {
    let tasks = contents.withLock { contents in
      contents.isClosed = true
      return Array(contents.partitions.values)
    }
    for task in tasks {
      if case .success(let partition) = await task.value { await partition.close() }
    }
  }
}
