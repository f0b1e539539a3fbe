import Decisions
import Models
import Primitives

/// The trained model in force: the last of `models`, after the fresh ones.
extension PartitionState {
  static let freshCount = standardModels.count

  var trained: FactorModel? { models.last as? FactorModel }

  /// How the models share what is known of a person's own taste; nil when no trained one serves.
  var individualShares: [String: Float]? {
    trained.flatMap { model in Int(model.version).flatMap { registry.run($0)?.shares } }
  }

  /// - Parameter loaded: The model that the entry brings into force, when the caller has it; else its file is read.
  mutating func fold(_ entry: ModelEntry, loaded: FactorModel?) {
    guard registry.fold(entry) else { return }
    endTeaching()
    let earlier = trained
    if let loaded, registry.champion == Int(loaded.version) {
      install(loaded)
    } else {
      installChampion()
    }
    guard let earlier, var now = trained, now.version != earlier.version else { return }
    now.replace(earlier)
    install(now)
  }

  private mutating func install(_ model: FactorModel?) {
    models.removeSubrange(Self.freshCount...)
    if let model { models.append(model) }
  }

  /// Brings the registry's champion into force, or, when its file cannot be read, the last one before it whose can: the
  /// old champion keeps serving.
  mutating func installChampion() {
    modelFaults = [:]
    guard registry.champion != nil else { return install(nil) }
    for version in registry.champions.reversed() where version > 0 {
      do throws(ModelFileFault) {
        return install(try Self.model(version, digest: registry.run(version)?.digest, from: store))
      } catch {
        modelFaults[version] = error.reason
      }
    }
    install(nil)
  }

  /// - Throws: `ModelFileFault` when a decision was made with a trained model that does not serve in this state.
  func checkTrained(of record: DecisionRecord) throws(ModelFileFault) {
    guard let stamp = record.versions.first(where: { $0.name == ImplicitALS.name }), stamp.version != trained?.version
    else { return }
    let fault = Int(stamp.version).flatMap { modelFaults[$0] } ?? "its file is not there"
    throw ModelFileFault(reason: "it was made with model \(stamp.name) \(stamp.version), and \(fault)")
  }

  /// - Parameter digest: What the registry knows the file by.
  static func model(
    _ version: Int, digest: String?, from store: any PartitionStore
  ) throws(ModelFileFault) -> FactorModel {
    let bytes: [UInt8]?
    do throws(PartitionStoreError) { bytes = try store.model(version) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard let bytes else { throw ModelFileFault(reason: "its file is not there") }
    let table: FactorTable
    do throws(SnapshotRefusal) { table = try FactorTable(snapshot: bytes) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard digest == nil || digest == ModelSnapshot.digest(of: bytes).hexadecimal else {
      throw ModelFileFault(reason: "its file is that of another training")
    }
    return FactorModel(table, version: String(version))
  }
}

/// Why a model's file cannot serve.
struct ModelFileFault: Error, CustomStringConvertible {
  let reason: String
  var description: String { reason }
}
