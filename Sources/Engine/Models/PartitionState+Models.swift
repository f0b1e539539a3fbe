import Decisions
import Models
import Primitives

/// The trained model in force: the last of `models`, after the fresh ones.
extension PartitionState {
  static let freshCount = standardModels.count

  var trained: (any ServedModel)? { models.last as? any ServedModel }

  /// How the models share what is known of a person's own taste; nil when no trained one serves.
  var individualShares: [String: Float]? {
    trained.flatMap { model in Int(model.version).flatMap { registry.run($0)?.shares } }
  }

  /// - Parameter loaded: The model that the entry brings into force, when the caller has it; else its file is read.
  mutating func fold(_ entry: ModelEntry, loaded: (any ServedModel)?) {
    let isOther = registry.fold(entry)
    endTeaching()
    let champion = loaded.flatMap { registry.champion == Int($0.version) ? $0 : nil }
    // A champion that could not serve is brought into force again once its file is mended.
    let isMended = champion.map { $0.version != trained?.version } ?? false
    guard isOther || isMended else { return }
    leftNewcomers.formUnion(trained?.savedKeys ?? [])
    if let champion {
      modelFaults = [:]
      install(champion)
    } else {
      installChampion()
    }
  }

  private mutating func install(_ model: (any ServedModel)?) {
    models.removeAll { $0 is any ServedModel }
    if let model { models.append(model) }
  }

  /// Brings the registry's champion into force, or, when its file cannot be read, the last one before it whose can: the
  /// old champion keeps serving.
  mutating func installChampion() {
    modelFaults = [:]
    for version in registry.champions.reversed() {
      do throws(ModelFileFault) {
        return install(try Self.model(version, digest: registry.run(version)?.digest, from: store))
      } catch {
        modelFaults[version] = error.reason
      }
    }
    install(nil)
  }

  /// Puts back what a checkpoint holds of the trained model, once `installChampion` was called.
  mutating func restoreTrained() throws {
    try store.forEachState(section: Section.trained) { key, value in
      if models.count > Self.freshCount {
        try models[Self.freshCount].restore(key: key, value: value)
      } else {
        leftNewcomers.insert(key)
      }
    }
  }

  /// What the section of the trained model gets with a checkpoint: what models of before left goes away first.
  mutating func takeTrainedChanges() -> [(key: [UInt8], value: [UInt8]?)] {
    defer { leftNewcomers = [] }
    let left = leftNewcomers.map { (key: $0, value: [UInt8]?.none) }
    return models.count > Self.freshCount ? left + models[Self.freshCount].takeChanges() : left
  }

  /// - Throws: `ModelFileFault` when a decision was made with another trained model than the one that serves in this state.
  func checkTrained(of record: DecisionRecord) throws(ModelFileFault) {
    let stamp = record.versions.first { ServedTables.names.contains($0.name) }
    guard stamp?.version != trained?.version else { return }
    guard let stamp else {
      throw ModelFileFault(
        reason:
          "it was made without a trained model, since the file of model \(trained?.version ?? "") could not be read then"
      )
    }
    let fault = Int(stamp.version).flatMap { modelFaults[$0] } ?? "its file is not there"
    throw ModelFileFault(reason: "it was made with model \(stamp.name) \(stamp.version), and \(fault)")
  }

  /// - Parameter digest: What the registry knows the file by.
  static func model(
    _ version: Int, digest: String?, from store: any PartitionStore
  ) throws(ModelFileFault) -> any ServedModel {
    let bytes: [UInt8]?
    do throws(PartitionStoreError) { bytes = try store.model(version) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard let bytes else { throw ModelFileFault(reason: "its file is not there") }
    let table: any ServedTable
    do throws(SnapshotRefusal) { table = try ServedTables.table(snapshot: bytes) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard digest == nil || digest == ModelSnapshot.digest(of: bytes).hexadecimal else {
      throw ModelFileFault(reason: "its file is that of another training")
    }
    return table.served(version: String(version))
  }
}

/// Why a model's file cannot serve.
struct ModelFileFault: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}
