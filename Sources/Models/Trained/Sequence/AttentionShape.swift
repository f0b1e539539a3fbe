/// Where the numbers of a network of `SelfAttention` stand: one array, the items first.
struct AttentionShape: Sendable, Hashable {
  let items: Int
  /// d: numbers in a vector.
  let dimensions: Int
  let blocks: Int
  let heads: Int
  /// f: numbers between the two layers of a block's feed-forward part.
  let hidden: Int
  /// Places that are looked back at.
  let length: Int

  /// Numbers of one head.
  var headSize: Int { dimensions / heads }
  var itemCount: Int { items * dimensions }
  var blockCount: Int { block(0).end - block(0).start }
  var count: Int { itemCount + blocks * blockCount + 2 * dimensions }

  /// Offsets of a block's parts.
  struct Block {
    let start: Int
    /// Gain, then shift; shape `[2, d]`.
    let attentionNorm: Int
    /// Queries, keys, values; shape `[3d, d]`.
    let attentionIn: Int
    /// By head and distance, reversed; shape `[heads, length]`.
    let bias: Int
    /// Shape `[d, d]`.
    let attentionOut: Int
    /// Gain, then shift; shape `[2, d]`.
    let forwardNorm: Int
    /// Shape `[f, d]`, then the shift `[f]`.
    let forwardIn: Int
    let forwardInShift: Int
    /// Shape `[d, f]`, then the shift `[d]`.
    let forwardOut: Int
    let forwardOutShift: Int
    let end: Int

    init(start: Int, _ shape: AttentionShape) {
      let (d, f) = (shape.dimensions, shape.hidden)
      self.start = start
      attentionNorm = start
      attentionIn = attentionNorm + 2 * d
      bias = attentionIn + 3 * d * d
      attentionOut = bias + shape.heads * shape.length
      forwardNorm = attentionOut + d * d
      forwardIn = forwardNorm + 2 * d
      forwardInShift = forwardIn + f * d
      forwardOut = forwardInShift + f
      forwardOutShift = forwardOut + d * f
      end = forwardOutShift + d
    }
  }

  func block(_ number: Int) -> Block {
    // The length of a block does not depend on where it begins.
    let first = Block(start: itemCount, self)
    return number == 0 ? first : Block(start: itemCount + number * (first.end - first.start), self)
  }

  /// Gain, then shift of the last norm; shape `[2, d]`.
  var lastNorm: Int { itemCount + blocks * blockCount }
}
