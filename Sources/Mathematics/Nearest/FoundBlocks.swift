import Synchronization

/// What several workers found, block by block.
final class FoundBlocks: Sendable {
  private let blocks: Mutex<[[[RowScore]]]>

  init(count: Int) { blocks = Mutex(Array(repeating: [], count: count)) }

  func put(_ found: [[RowScore]], at block: Int) { blocks.withLock { $0[block] = found } }

  var all: [[RowScore]] { blocks.withLock { $0.flatMap { $0 } } }
}
