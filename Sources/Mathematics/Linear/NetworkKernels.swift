import CKernels

/// What a neural network is computed with: products of matrices and what stands between them
/// (`CKernels`; OpenBLAS for the products where that has none). Nothing is checked but in debug builds; the formulas stand in `NetworkKernels.h`.
public struct NetworkKernels: Sendable {
  private let dense = DenseKernels()

  public init() {}

  // MARK: Products

  /// C = AB, or C + AB.
  public func multiply(_ a: MatrixPart, _ b: MatrixPart, into c: MatrixPart, _ store: Store = .replace) {
    assert(a.columns == b.rows && c.rows == a.rows && c.columns == b.columns)
    product(Factor(a), Factor(b), into: c, store)
  }

  /// C = ABᵀ, or C + ABᵀ.
  public func multiply(_ a: MatrixPart, byTransposed b: MatrixPart, into c: MatrixPart, _ store: Store = .replace) {
    assert(a.columns == b.columns && c.rows == a.rows && c.columns == b.rows)
    product(Factor(a), Factor(transposed: b), into: c, store)
  }

  /// C = AᵀB, or C + AᵀB.
  public func multiply(transposed a: MatrixPart, _ b: MatrixPart, into c: MatrixPart, _ store: Store = .replace) {
    assert(a.rows == b.rows && c.rows == a.columns && c.columns == b.columns)
    product(Factor(transposed: a), Factor(b), into: c, store)
  }

  /// What becomes of the numbers that a product is written over.
  public enum Store: Sendable { case replace, add }

  /// A matrix as it is read.
  private struct Factor {
    let start: UnsafePointer<Float>
    let rows: Int
    let columns: Int
    let stride: Int
    let isTransposed: Bool

    init(_ part: MatrixPart) {
      (start, rows, columns, stride) = (UnsafePointer(part.start), part.rows, part.columns, part.stride)
      isTransposed = false
    }

    init(transposed part: MatrixPart) {
      (start, rows, columns, stride) = (UnsafePointer(part.start), part.columns, part.rows, part.stride)
      isTransposed = true
    }

    var rowStep: Int { isTransposed ? 1 : stride }
    var columnStep: Int { isTransposed ? stride : 1 }
  }

  private func product(_ a: Factor, _ b: Factor, into c: MatrixPart, _ store: Store) {
    let isDone = attune_multiply(
      c.rows, c.columns, a.columns, a.start, a.rowStep, a.columnStep, b.start, b.rowStep, b.columnStep,
      store == .add ? 1 : 0, c.start, c.stride)
    guard isDone == 0 else { return }
    dense.multiply(
      a.start, stride: a.stride, isTransposed: a.isTransposed, b.start, stride: b.stride,
      isTransposed: b.isTransposed, rows: c.rows, columns: c.columns, inner: a.columns, adds: store == .add,
      into: c.start, stride: c.stride)
  }

  // MARK: Layers

  /// - Parameter statistics: Shape `[rows, 2]`, written for the way back.
  public func layerNorm(
    _ x: MatrixPart, gain: UnsafePointer<Float>, shift: UnsafePointer<Float>, into out: MatrixPart,
    statistics: UnsafeMutablePointer<Float>
  ) {
    attune_layer_norm(x.start, x.rows, x.columns, gain, shift, out.start, statistics)
  }

  /// Adds to the gradients of x, gain and shift.
  public func layerNormBack(
    from dout: MatrixPart, x: MatrixPart, statistics: UnsafePointer<Float>, gain: UnsafePointer<Float>,
    into dx: MatrixPart, dgain: UnsafeMutablePointer<Float>, dshift: UnsafeMutablePointer<Float>
  ) {
    attune_layer_norm_back(dout.start, x.start, statistics, x.rows, x.columns, gain, dx.start, dgain, dshift)
  }

  /// Row r of `s` is the place `first + r` of its sequence and looks at the places up to itself.
  /// - Parameter bias: By distance, reversed, shape `[length]`.
  public func causalSoftmax(
    _ s: MatrixPart, first: Int, scale: Float, bias: UnsafePointer<Float>, length: Int
  ) {
    assert(first + s.rows == s.columns && s.columns <= length)
    attune_causal_softmax(s.start, s.stride, first, s.rows, scale, bias, length)
  }

  public func causalSoftmaxBack(
    _ p: MatrixPart, _ dp: MatrixPart, first: Int, scale: Float, dbias: UnsafeMutablePointer<Float>, length: Int
  ) {
    assert(p.stride == dp.stride)
    attune_causal_softmax_back(p.start, dp.start, p.stride, first, p.rows, scale, dbias, length)
  }

  /// Adds `shift` to the rows of u before.
  public func silu(_ u: MatrixPart, shift: UnsafePointer<Float>, into out: MatrixPart) {
    attune_silu(u.start, shift, u.rows, u.columns, out.start)
  }

  public func siluBack(_ u: MatrixPart, _ dout: MatrixPart, dshift: UnsafeMutablePointer<Float>) {
    attune_silu_back(u.start, dout.start, u.rows, u.columns, dshift)
  }

  /// y = y + x.
  public func add(_ x: MatrixPart, to y: MatrixPart) {
    attune_add(y.start, x.start, x.rows * x.columns)
  }

  /// Adds `shift` to each row of y.
  public func addShift(_ shift: UnsafePointer<Float>, to y: MatrixPart) {
    attune_add_shift(y.start, shift, y.rows, y.columns)
  }

  /// Adds the sum of the rows of x.
  public func addRows(of x: MatrixPart, to sums: UnsafeMutablePointer<Float>) {
    attune_add_columns(x.start, x.rows, x.columns, sums)
  }

  /// - Parameter rate: Chance of a 0, at least 0 and below 1.
  public func dropout(_ x: MatrixPart, rate: Float, key: UInt32) {
    guard rate > 0 else { return }
    attune_dropout(x.start, x.rows * x.columns, key, UInt32(Double(rate) * 0x1p32), 1 / (1 - rate))
  }

  // MARK: Learning

  /// The cross entropy of one row of scores, which becomes `weight` times its gradient.
  /// - Parameter offsets: Taken off the scores of all but the target, shape `[count]`.
  public func softmaxLoss(
    _ scores: UnsafeMutablePointer<Float>, count: Int, offsets: UnsafePointer<Float>?, target: Int, weight: Float
  ) -> Float {
    attune_softmax_loss(scores, count, offsets, target, weight)
  }

  /// A step of Adam (Kingma & Ba, ICLR 2015).
  public struct AdamStep: Sendable {
    /// With the corrections for the beginning in it.
    public var rate: Float
    public var meanDecay: Float
    public var squareDecay: Float
    public var epsilon: Float
    /// Taken off each weight with the rate (Loshchilov & Hutter, *Decoupled weight decay regularization*, ICLR 2019).
    public var weightDecay: Float
    /// The share by which the average moves to the weights.
    public var blend: Float

    public init(
      rate: Float, meanDecay: Float, squareDecay: Float, epsilon: Float, weightDecay: Float, blend: Float
    ) {
      self.rate = rate
      self.meanDecay = meanDecay
      self.squareDecay = squareDecay
      self.epsilon = epsilon
      self.weightDecay = weightDecay
      self.blend = blend
    }
  }

  /// - Parameters:
  ///   - mean: Memory of the optimiser, like `square`, shape `[count]`.
  ///   - average: Of the weights over the steps.
  public func adam(
    _ weights: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, mean: UnsafeMutablePointer<Float>,
    square: UnsafeMutablePointer<Float>, average: UnsafeMutablePointer<Float>, count: Int, step: AdamStep
  ) {
    attune_adam(
      weights, gradient, mean, square, average, count, step.rate, step.meanDecay, step.squareDecay, step.epsilon,
      step.weightDecay, step.blend)
  }
}
