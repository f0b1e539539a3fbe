import Decisions
import Experiments
import Features
import Governance
import Models
import Primitives
import Profiles
import Rules

/// The predictions in force: for each that is defined, the model that answers its question.
extension PartitionState {
  /// What a decision's record names the version of a score by.
  static let scoreStamp = "scores."

  mutating func fold(_ entry: PredictionEntry) {
    predictionRegistry.fold(entry)
    bindPredictors()
  }

  /// Looks the models of all predictions up, after definitions, features or models have changed. Of each it is the registry's
  /// champion or, where that one's file cannot be read, the last one before it whose can, among those that were trained for the
  /// question as it is defined now.
  mutating func bindPredictors() {
    predictionFaults = [:]
    var bound: [String: Predictor] = [:]
    for definition in active.predictions { bound[definition.name] = predictor(definition) }
    predictors = bound
  }

  private mutating func predictor(_ definition: PredictionDefinition) -> Predictor {
    var lack = "no model was trained for it yet; 'attune train' does"
    if let run = predictionRegistry.runs.last(where: { $0.prediction == definition.name && $0.refusal == nil }) {
      lack =
        "no model of it is in force; 'attune predictions activate \(definition.name) \(run.version)' brings one back"
    }
    for version in (predictionRegistry.champions[definition.name] ?? []).reversed() {
      guard let run = predictionRegistry.run(version) else { continue }
      guard run.question == definition.question else {
        lack = "its definition has changed since model \(version) was trained; 'attune train' makes another"
        continue
      }
      if let known = predictors[definition.name]?.serving, known.version == version {
        return Predictor(definition, model: (version, known.model), lack: lack, features: active.features)
      }
      do throws(ModelFileFault) {
        let model = try Self.prediction(run, from: store)
        return Predictor(definition, model: (version, model), lack: lack, features: active.features)
      } catch {
        predictionFaults[version] = error.reason
        lack = "model \(version) cannot serve: \(error.reason)"
      }
    }
    return Predictor(definition, model: nil, lack: lack, features: active.features)
  }

  static func prediction(_ run: PredictionRun, from store: any PartitionStore) throws(ModelFileFault) -> PredictionModel
  {
    let bytes: [UInt8]?
    do throws(PartitionStoreError) { bytes = try store.model(run.version, of: .predictions) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard let bytes else { throw ModelFileFault(reason: "its file is not there") }
    let model: PredictionModel
    do throws(SnapshotRefusal) { model = try PredictionModel(snapshot: bytes) } catch {
      throw ModelFileFault(reason: error.description)
    }
    guard run.digest == ModelSnapshot.digest(of: bytes).hexadecimal else {
      throw ModelFileFault(reason: "its file is that of another training")
    }
    return model
  }

  // MARK: Asking

  /// How rules read the scores of somebody; nil when nothing is predicted.
  func scorer(for person: Person) -> Situation.Scorer? {
    guard !predictors.isEmpty else { return nil }
    let events = person.profile.eventCount
    return { [predictors] name, values in predictors[name]?.probability(values, events: events) }
  }

  /// Versions of the models whose scores the rules of a question read.
  func scoreStamps(_ placement: Placement, _ question: ResolvedQuestion) -> [VersionStamp] {
    guard !predictors.isEmpty else { return [] }
    var names: Set<String> = []
    for rule in placement.eligibility + placement.boosts.map(\.factor) + [question.filter].compactMap(\.self) {
      for field in rule.fields where field.root == "person" && field.names.first ?? "scores" == "scores" {
        if field.names.count > 1 { names.insert(field.names[1]) } else { names.formUnion(predictors.keys) }
      }
    }
    return names.sorted().compactMap { name in
      predictors[name]?.serving.map { VersionStamp(name: Self.scoreStamp + name, version: String($0.version)) }
    }
  }

  /// - Throws: `ModelFileFault` when a decision read a score of another model than the one that serves in this state.
  func checkPredictions(of record: DecisionRecord) throws(ModelFileFault) {
    for stamp in record.versions where stamp.name.hasPrefix(Self.scoreStamp) {
      let name = String(stamp.name.dropFirst(Self.scoreStamp.count))
      if predictors[name]?.serving.map({ String($0.version) }) == stamp.version { continue }
      let fault = Int(stamp.version).flatMap { predictionFaults[$0] } ?? "its file is not there"
      throw ModelFileFault(reason: "it read the score '\(name)' of model \(stamp.version), and \(fault)")
    }
  }

  /// What every prediction's score of a person is made of, or why there is none.
  func scoreInputs(of person: Person, at now: Timestamp) -> ScoreInputs {
    ScoreInputs(
      profile: person.profile.id, predictors: active.predictions.compactMap { predictors[$0.name] },
      values: active.features.values(of: person.features, history: person.history, dwell: dwell, at: now),
      events: person.profile.eventCount, lack: lackOfPersonalization(person.profile))
  }

  /// Probabilities alone, by name.
  func probabilities(of person: Person, _ values: FeatureValues) -> [(name: String, value: Double)] {
    guard !active.predictions.isEmpty, lackOfPersonalization(person.profile) == nil else { return [] }
    return active.predictions.compactMap { definition in
      predictors[definition.name]?.probability(values, events: person.profile.eventCount).map { (definition.name, $0) }
    }
  }

  /// Why no model may say anything of a person: as for decisions.
  func lackOfPersonalization(_ profile: Profile) -> String? {
    if !profile.consent.allows(.personalization, byDefault: active.consentDefault) {
      return "this person is not to be personalised: there is no consent"
    }
    if Holdout(share: active.holdoutShare).contains(founder: profile.id.rawValue.low, hash: hash) {
      return "this person is held out: their answers are never personalised"
    }
    return nil
  }
}
