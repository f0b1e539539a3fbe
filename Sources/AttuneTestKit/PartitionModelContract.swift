import Engine
import Testing

extension PartitionStoreContract {
  static let modelLaws: [Law] = [
    Law("what was never saved is absent") { store in
      #expect(try store.models().isEmpty)
      #expect(try store.model(1) == nil)
      try store.removeModel(1)
    },
    Law("a model is read back as it was saved, whatever its bytes") { store in
      let models: [Int: [UInt8]] = [
        1: [], 2: [0], 9: Array(0...255), 10: Array(repeating: 7, count: 3_000_001), 123_456_789: [1, 2, 3],
      ]
      for (version, bytes) in models { try store.saveModel(version, bytes: bytes) }
      #expect(try store.models() == models.keys.sorted())
      for (version, bytes) in models { #expect(try store.model(version) == bytes) }
    },
    Law("a model that is saved again replaces the one before, longer or shorter") { store in
      try store.saveModel(1, bytes: [1, 2, 3])
      try store.saveModel(2, bytes: [9])
      for bytes in [[4], [5, 6, 7, 8]] as [[UInt8]] {
        try store.saveModel(1, bytes: bytes)
        #expect(try store.model(1) == bytes)
      }
      #expect(try store.models() == [1, 2])
      #expect(try store.model(2) == [9])
    },
    Law("a removed model is gone, the others stay, and it can be saved again") { store in
      for version in 1...3 { try store.saveModel(version, bytes: [UInt8(version)]) }
      try store.removeModel(2)
      try store.removeModel(2)
      #expect(try store.models() == [1, 3])
      #expect(try store.model(2) == nil)
      #expect(try store.model(3) == [3])
      try store.saveModel(2, bytes: [22])
      #expect(try store.model(2) == [22])
    },
    Law("families of models have versions of their own") { store in
      try store.saveModel(1, of: .models, bytes: [1])
      try store.saveModel(1, of: .predictions, bytes: [2])
      try store.saveModel(4, of: .predictions, bytes: [4])
      #expect(try store.model(1, of: .models) == [1] && store.model(1, of: .predictions) == [2])
      #expect(try store.models(of: .models) == [1] && store.models(of: .predictions) == [1, 4])
      try store.removeModel(1, of: .predictions)
      #expect(try store.model(1, of: .models) == [1] && store.model(1, of: .predictions) == nil)
    },
    Law("models are no part of the state: discarding it leaves them") { store in
      try store.saveModel(1, bytes: [1])
      try store.discardState()
      #expect(try store.model(1) == [1])
    },
  ]
}
