import CBLAS

/// The one door to BLAS and LAPACK: what this project asks of them, for matrices that stand row after row.
///
/// The library works on one thread; whoever wants more calls it from several (`WorkQueue`). That is a setting of the
/// process, made before the first call.
struct DenseKernels: Sendable {
  private static let isOneThreaded: Bool = {
    openblas_set_num_threads(1)
    return true
  }()

  init() { precondition(Self.isOneThreaded) }

  /// The upper triangle of C = XᵀX + β C for X of shape `[rows, columns]`, C of `[columns, columns]`.
  func gram(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, beta: Float = 0, into c: UnsafeMutablePointer<Float>
  ) {
    let (n, k) = (Int32(columns), Int32(rows))
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasTrans, n, k, 1, x, n, beta, c, n)
  }

  /// The upper triangle of C = XXᵀ for X of shape `[rows, columns]`, C of `[rows, rows]`.
  func rowGram(_ x: UnsafePointer<Float>, rows: Int, columns: Int, into c: UnsafeMutablePointer<Float>) {
    let (n, k) = (Int32(rows), Int32(columns))
    cblas_ssyrk(CblasRowMajor, CblasUpper, CblasNoTrans, n, k, 1, x, k, 0, c, n)
  }

  /// y = Xᵀv + β y for X of shape `[rows, columns]`.
  func transposedProduct(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, _ v: UnsafePointer<Float>, beta: Float = 0,
    into y: UnsafeMutablePointer<Float>
  ) {
    let n = Int32(columns)
    cblas_sgemv(CblasRowMajor, CblasTrans, Int32(rows), n, 1, x, n, v, 1, beta, y, 1)
  }

  /// y = Xv for X of shape `[rows, columns]`.
  func product(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, _ v: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    let n = Int32(columns)
    cblas_sgemv(CblasRowMajor, CblasNoTrans, Int32(rows), n, 1, x, n, v, 1, 0, y, 1)
  }

  /// C = ABᵀ for A of shape `[rows, inner]`, B of `[columns, inner]`, C of `[rows, columns]`.
  func productWithTransposed(
    _ a: UnsafePointer<Float>, rows: Int, inner: Int, _ b: UnsafePointer<Float>, columns: Int,
    into c: UnsafeMutablePointer<Float>
  ) {
    let (n, k) = (Int32(columns), Int32(inner))
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), n, k, 1, a, k, b, k, 0, c, n)
  }

  /// C = α ABᵀ + β C for A of shape `[rows, inner]`, B of `[columns, inner]`, C of `[rows, columns]` in rows of `stride`.
  func productWithTransposed(
    _ a: UnsafePointer<Double>, rows: Int, inner: Int, _ b: UnsafePointer<Double>, columns: Int, adding alpha: Double,
    to c: UnsafeMutablePointer<Double>, stride: Int, beta: Double
  ) {
    let (n, k) = (Int32(columns), Int32(inner))
    cblas_dgemm(
      CblasRowMajor, CblasNoTrans, CblasTrans, Int32(rows), n, k, alpha, a, k, b, k, beta, c, Int32(stride))
  }

  /// Replaces a positive definite A of shape `[n, n]` by its inverse, by Cholesky's factors.
  /// - Returns: false when A is not positive definite, as when it holds what is no number.
  func invertPositiveDefinite(_ a: UnsafeMutablePointer<Double>, _ n: Int) -> Bool {
    var (size, info) = (Int32(n), Int32(0))
    dpotrf_("L", &size, a, &size, &info)
    guard info == 0 else { return false }
    dpotri_("L", &size, a, &size, &info)
    guard info == 0 else { return false }
    // The lower triangle by columns is the upper one by rows.
    for row in 0..<n { for column in 0..<row { a[row * n + column] = a[column * n + row] } }
    return true
  }

  /// C = AB, or C + AB when `adds`; of a transposed matrix the rows stand where the columns would.
  func multiply(
    _ a: UnsafePointer<Float>, stride aStride: Int, isTransposed aIsTransposed: Bool, _ b: UnsafePointer<Float>,
    stride bStride: Int, isTransposed bIsTransposed: Bool, rows: Int, columns: Int, inner: Int, adds: Bool,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    cblas_sgemm(
      CblasRowMajor, aIsTransposed ? CblasTrans : CblasNoTrans, bIsTransposed ? CblasTrans : CblasNoTrans,
      Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(aStride), b, Int32(bStride), adds ? 1 : 0, c,
      Int32(stride))
  }

  /// Solves Ax = b for a positive definite A of shape `[n, n]`, of which the upper triangle is read; both are overwritten.
  /// - Returns: false when A is not positive definite, as when it holds what is no number.
  func solvePositiveDefinite(
    _ a: UnsafeMutablePointer<Float>, _ n: Int, _ b: UnsafeMutablePointer<Float>
  ) -> Bool {
    var (size, one, info) = (Int32(n), Int32(1), Int32(0))
    // The upper triangle by rows is the lower one by columns, as LAPACK counts.
    sposv_("L", &size, &one, a, &size, b, &size, &info)
    return info == 0
  }

  /// Eigenvalues, ascending, of a symmetric A of shape `[n, n]`, of which the upper triangle is read. A becomes the
  /// eigenvectors, one a row.
  /// - Returns: nil when they are not found, as when A holds what is no number.
  func eigen(_ a: UnsafeMutablePointer<Float>, _ n: Int) -> [Float]? {
    var (size, info) = (Int32(n), Int32(0))
    var workCount = Int32(1 + 6 * n + 2 * n * n)
    var indexCount = Int32(3 + 5 * n)
    var eigenvalues = Array(repeating: Float(0), count: n)
    var work = Array(repeating: Float(0), count: Int(workCount))
    var indices = Array(repeating: Int32(0), count: Int(indexCount))
    ssyevd_("V", "L", &size, a, &size, &eigenvalues, &work, &workCount, &indices, &indexCount, &info)
    return info == 0 ? eigenvalues : nil
  }

  // MARK: In double precision

  /// The upper triangle of C = XᵀX + C for X of shape `[rows, columns]`, C of `[columns, columns]`.
  func addGram(
    _ x: UnsafePointer<Double>, rows: Int, columns: Int, into c: UnsafeMutablePointer<Double>
  ) {
    let (n, k) = (Int32(columns), Int32(rows))
    cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, n, k, 1, x, n, 1, c, n)
  }

  /// As with single precision.
  func solvePositiveDefinite(
    _ a: UnsafeMutablePointer<Double>, _ n: Int, _ b: UnsafeMutablePointer<Double>
  ) -> Bool {
    var (size, one, info) = (Int32(n), Int32(1), Int32(0))
    dposv_("L", &size, &one, a, &size, b, &size, &info)
    return info == 0
  }
}
