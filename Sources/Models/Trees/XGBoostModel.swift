import Foundation
import Primitives

/// Why a model file of XGBoost is not taken.
public enum XGBoostModelRefusal: Error, Sendable, Hashable, CustomStringConvertible {
  /// It is neither JSON nor Universal Binary JSON.
  case noModel
  case unreadable(String)
  /// Of a version whose form is not known here.
  case version(String)
  /// Something that is not there, or not of the form that it has in known versions.
  case field(String)
  /// What these trees do not compute, in words.
  case unsupported(String)

  public var description: String {
    switch self {
    case .noModel: "this is no XGBoost model in JSON or UBJ; save it with save_model(\"model.json\")"
    case .unreadable(let reason): "the XGBoost model cannot be read: \(reason)"
    case .version(let found): "the model is of XGBoost \(found), this program reads 1.7 to 3.x"
    case .field(let name): "the XGBoost model has no readable '\(name)'"
    case .unsupported(let what): "the XGBoost model has \(what), which is not supported"
    }
  }
}

extension TreeEnsemble {
  /// Reads a model as XGBoost 1.7 to 3.x saves it, as JSON or UBJ. All else is refused rather than misread.
  ///
  /// Up to version 2 `base_score` is one number, from 3 on a list of numbers, one for each output.
  public init(xgboostModel bytes: [UInt8]) throws(XGBoostModelRefusal) {
    let document = try XGBoostDocument(bytes)
    try Self.checkVersion(document)
    guard let learner = document["learner"] else { throw .field("learner") }
    let parameters = learner["learner_model_param"]
    guard let name = learner["objective"]?["name"]?.text else { throw .field("objective") }
    guard let objective = Objective(rawValue: name) else { throw .unsupported("the objective '\(name)'") }
    guard let booster = learner["gradient_booster"] else { throw .field("gradient_booster") }
    guard let boosterName = booster["name"]?.text else { throw .field("gradient_booster.name") }
    guard boosterName == "gbtree" else { throw .unsupported("the booster '\(boosterName)'") }
    for (field, limit) in [("num_class", 1), ("num_target", 1)] {
      guard let text = parameters?[field]?.text else { continue }
      guard let count = Int(text) else { throw .field(field) }
      guard count <= limit else { throw .unsupported("\(count) outputs") }
    }
    guard let features = parameters?["num_feature"]?.text.flatMap({ Int($0) }), (0..<1 << 24).contains(features) else {
      throw .field("num_feature")
    }
    guard let model = booster["model"], let documents = model["trees"]?.list else { throw .field("trees") }
    if let groups = model["tree_info"]?.integers, groups.contains(where: { $0 != 0 }) {
      throw .unsupported("trees for several outputs")
    }
    var trees: [RegressionTree] = []
    for document in documents { trees.append(try RegressionTree(document, featureCount: features)) }
    let score = try Self.baseScore(parameters?["base_score"])
    self.init(
      objective: objective, baseMargin: try objective.margin(ofBaseScore: score), featureCount: features, trees: trees)
  }

  private static func checkVersion(_ document: XGBoostDocument) throws(XGBoostModelRefusal) {
    guard let version = document["version"]?.integers, version.count == 3 else { throw .field("version") }
    let isKnown = version[0] == 1 && version[1] >= 7 || version[0] == 2 || version[0] == 3
    guard isKnown else { throw .version(version.map { String($0) }.joined(separator: ".")) }
  }

  /// `5E-1`, or `[5E-1]` from version 3 on.
  private static func baseScore(_ document: XGBoostDocument?) throws(XGBoostModelRefusal) -> Float {
    guard var text = document?.text else { throw .field("base_score") }
    if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
    guard !text.contains(",") else { throw .unsupported("a base_score of several outputs, \(text)") }
    guard let score = Float(text), score.isFinite else { throw .field("base_score") }
    return score
  }
}

extension TreeEnsemble.Objective {
  /// As XGBoost turns it into the margin that rows begin with.
  func margin(ofBaseScore score: Float) throws(XGBoostModelRefusal) -> Float {
    switch self {
    case .logistic:
      guard score > 0, score < 1 else { throw .field("base_score") }
      return -logf(1 / score - 1)
    case .squaredError, .rankNDCG, .rankPairwise: return score
    }
  }
}

extension RegressionTree {
  fileprivate init(_ document: XGBoostDocument, featureCount: Int) throws(XGBoostModelRefusal) {
    if let width = document["tree_param"]?["size_leaf_vector"]?.text.flatMap({ Int($0) }), width > 1 {
      throw .unsupported("leaves that hold \(width) numbers")
    }
    if let types = document["split_type"]?.integers, types.contains(where: { $0 != 0 }) {
      throw .unsupported("splits by category; encode categories as columns")
    }
    func integers(_ name: String) throws(XGBoostModelRefusal) -> [Int] {
      guard let values = document[name]?.integers else { throw .field(name) }
      return values
    }
    let (left, right) = (try integers("left_children"), try integers("right_children"))
    let (features, missing) = (try integers("split_indices"), try integers("default_left"))
    guard let thresholds = document["split_conditions"]?.floats else { throw .field("split_conditions") }
    guard let covers = document["sum_hessian"]?.floats else { throw .field("sum_hessian") }
    let count = left.count
    guard [right.count, features.count, missing.count, thresholds.count, covers.count].allSatisfy({ $0 == count })
    else { throw .unreadable("a tree whose lists have different lengths") }
    var nodes: [Node] = []
    for place in 0..<count {
      guard left[place] >= 0 else {
        nodes.append(.leaf(thresholds[place], cover: covers[place]))
        continue
      }
      guard (0..<featureCount).contains(features[place]), left[place] < count, (0..<count).contains(right[place]) else {
        throw .unreadable("a split of feature \(features[place]), of \(featureCount)")
      }
      nodes.append(
        Node(
          feature: Int32(features[place]), threshold: thresholds[place], left: Int32(left[place]),
          right: Int32(right[place]), missingGoesLeft: missing[place] != 0, cover: covers[place]))
    }
    guard let tree = RegressionTree(nodes: nodes) else { throw .unreadable("nodes that make no tree") }
    self = tree
  }
}
