import Foundation
import Mathematics
import Testing

@testable import Models

@Suite struct XGBoostModelTests {
  /// As XGBoost writes it, with one split.
  private static func model(
    version: String = "[3,2,0]", base: String = "[5.4E-1]", objective: String = "binary:logistic",
    booster: String = "gbtree", classes: String = "0", targets: String = "1", splitType: String = "[0,0,0]",
    missing: String = "[1,0,0]", left: String = "[1,-1,-1]", feature: Int = 1, info: String = "[0]"
  ) -> [UInt8] {
    Array(
      """
      {"learner":{"attributes":{},"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1",\
      "num_trees":"1"},"tree_info":\(info),"trees":[{"default_left":\(missing),"id":0,"left_children":\(left),\
      "right_children":[2,-1,-1],"split_conditions":[5.448832E-1,-5.5502594E-1,4.8346913E-1],\
      "split_indices":[\(feature),0,0],"split_type":\(splitType),"sum_hessian":[1.242E1,5.7132E0,6.7068E0],\
      "tree_param":{"num_feature":"3","num_nodes":"3","size_leaf_vector":"1"}}]},"name":"\(booster)"},\
      "learner_model_param":{"base_score":"\(base)","num_class":"\(classes)","num_feature":"3",\
      "num_target":"\(targets)"},"objective":{"name":"\(objective)"}},"version":\(version)}
      """.utf8)
  }

  @Test(arguments: [("[3,2,0]", "[5.4E-1]"), ("[2,1,4]", "5.4E-1"), ("[1,7,4]", "5.4E-1"), ("[3,0,0]", "5.4E-1")])
  func `both forms of the base score say the same`(version: String, base: String) throws {
    let ensemble = try TreeEnsemble(xgboostModel: Self.model(version: version, base: base))
    // What the library makes of 0.54: −ln(1 / 0.54 − 1).
    #expect(ensemble.baseMargin == -logf(1 / 0.54 - 1))
    #expect(ensemble.margin(of: [9, 0.5, 9]) == ensemble.baseMargin - 0.55502594)
    #expect(ensemble.margin(of: [9, 0.5448832, 9]) == ensemble.baseMargin + 0.48346913)
    #expect(ensemble.margin(of: [9, .nan, 9]) == ensemble.baseMargin - 0.55502594)
  }

  @Test func `older files say with words of JSON where what is missing goes`() throws {
    let ensemble = try TreeEnsemble(
      xgboostModel: Self.model(version: "[1,7,0]", base: "5E-1", missing: "[false,false,false]"))
    #expect(ensemble.margin(of: [0, .nan, 0]) == 0.48346913)
  }

  @Test(
    arguments: [
      (model(version: "[1,6,2]"), .version("1.6.2")), (model(version: "[4,0,0]"), .version("4.0.0")),
      (model(version: "\"3\""), .field("version")),
      (model(base: "[5E-1,5E-1]"), .unsupported("a base_score of several outputs, 5E-1,5E-1")),
      (model(base: "x"), .field("base_score")), (model(base: "1"), .field("base_score")),
      (model(objective: "count:poisson"), .unsupported("the objective 'count:poisson'")),
      (model(booster: "dart"), .unsupported("the booster 'dart'")), (model(classes: "3"), .unsupported("3 outputs")),
      (model(targets: "2"), .unsupported("2 outputs")),
      (model(splitType: "[1,0,0]"), .unsupported("splits by category; encode categories as columns")),
      (model(info: "[1]"), .unsupported("trees for several outputs")),
      (model(left: "[1,-1]"), .unreadable("a tree whose lists have different lengths")),
      (model(left: "[7,-1,-1]"), .unreadable("a split of feature 1, of 3")),
      (model(left: "[0,-1,-1]"), .unreadable("nodes that make no tree")),
      (model(feature: 3), .unreadable("a split of feature 3, of 3")), (Array("{}".utf8), .field("version")),
      ([], .noModel), (Array("binf".utf8), .noModel),
    ] as [([UInt8], XGBoostModelRefusal)])
  func `what is not known is refused with the reason`(bytes: [UInt8], refusal: XGBoostModelRefusal) {
    #expect(throws: refusal) { _ = try TreeEnsemble(xgboostModel: bytes) }
  }

  @Test func `both encodings give the same model`() throws {
    let (booster, _) = try TreeTrainer(settings: treeSettings(depth: 4)).boost(treeExamples())
    let binary = try TreeEnsemble(xgboostModel: try booster.model(as: .ubj))
    #expect(try TreeEnsemble(xgboostModel: try booster.model(as: .json)) == binary)
    #expect(binary.trees.count == 20)
  }

  @Test func `a file that is cut short or damaged is refused or another model, never a crash`() throws {
    let (booster, _) = try TreeTrainer(settings: treeSettings(rounds: 2)).boost(treeExamples(80))
    for encoding in [LibraryBooster.Encoding.ubj, .json] {
      let bytes = try booster.model(as: encoding)
      for count in stride(from: 0, to: bytes.count, by: 13) {
        #expect(throws: XGBoostModelRefusal.self) { _ = try TreeEnsemble(xgboostModel: Array(bytes.prefix(count))) }
      }
      for place in stride(from: 0, to: bytes.count, by: 3) {
        var changed = bytes
        changed[place] ^= 0x11
        _ = try? TreeEnsemble(xgboostModel: changed)
      }
    }
  }
}
