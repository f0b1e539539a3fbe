import HTTPTypes
import HummingbirdCore
import NIOCore

/// Bounds on bodies.
public struct BodyLimits: Sendable, Equatable {
  /// Bytes of an event, a batch or a question, as they are sent.
  public var smallBytesMax = 4 << 20
  /// Bytes of history, of a catalogue or of definitions, as they are sent.
  public var largeBytesMax = 16 << 20
  /// Bytes that a gzip body may unpack to.
  public var unpackedBytesMax = 16 << 20
  /// Events of one batch or array.
  public var eventsMax = 10_000
  /// Events of one call of `/v1/import`, lines of one body of items.
  public var linesMax = 100_000

  public init() {}

  func bytesMax(_ rule: BodyRule) -> Int {
    switch rule {
    case .none: 0
    case .small: smallBytesMax
    case .large: largeBytesMax
    }
  }
}

/// The rest of a request will not come; nobody is there to be answered.
struct ConnectionBroken: Error {
  let cause: any Error
}

/// The body of one request as it arrives; read once, to its end or to its limit.
struct IncomingBody {
  /// Bytes that are thrown away for a caller who sends on although the answer is certain.
  private static let discardedBytesMax = 256 << 20

  private let body: RequestBody
  private let headers: HTTPFields
  private var pieces: RequestBody.AsyncIterator?
  private var isAtEnd: Bool
  /// Whether the caller sends the body only when told to.
  private(set) var isAwaited: Bool

  init(_ request: Request) {
    body = request.body
    headers = request.headers
    isAtEnd = !headers.contains(.transferEncoding) && (headers[.contentLength] ?? "0") == "0"
    isAwaited = !isAtEnd && headers[.expect]?.lowercased() == "100-continue"
  }

  /// The declared length; nil when the body is sent in chunks.
  private var declaredLength: Int? { headers[.contentLength].flatMap { Int($0) } }

  private mutating func next() async throws -> ByteBuffer? {
    if isAtEnd { return nil }
    isAwaited = false
    var iterator = pieces ?? body.makeAsyncIterator()
    let piece: ByteBuffer?
    do {
      piece = try await iterator.next()
    } catch {
      throw ConnectionBroken(cause: error)
    }
    pieces = iterator
    isAtEnd = piece == nil
    return piece
  }

  /// Whether a body of the declared length may be sent at all.
  func isAcceptable(bytesMax: Int) -> Bool { declaredLength.map { $0 <= bytesMax } ?? true }

  /// Reads the whole body and unpacks it.
  ///
  /// - Throws: `Problem` for bodies that are too large, packed otherwise than with gzip, or no gzip though they say so;
  ///   the connection's error when it breaks.
  mutating func bytes(limits: BodyLimits, bytesMax: Int) async throws -> [UInt8] {
    guard isAcceptable(bytesMax: bytesMax) else { throw Problem.tooLarge(bytesMax: bytesMax) }
    let isPacked = try isGzip
    var bytes: [UInt8] = []
    bytes.reserveCapacity(declaredLength ?? 1_024)
    while let piece = try await next() {
      guard bytes.count + piece.readableBytes <= bytesMax else { throw Problem.tooLarge(bytesMax: bytesMax) }
      piece.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
    }
    guard isPacked, !bytes.isEmpty else { return bytes }
    return try unpackGzip(bytes, limits: UnpackLimits(bytesMax: limits.unpackedBytesMax))
  }

  /// Reads what is left and forgets it. Many callers read no answer before they have sent all, and closing a
  /// connection on unread bytes takes the answer back.
  mutating func discard() async throws {
    if isAwaited { return }
    var count = 0
    while count < Self.discardedBytesMax, let piece = try await next() { count += piece.readableBytes }
  }

  private var isGzip: Bool {
    get throws(Problem) {
      guard let encoding = headers[.contentEncoding] else { return false }
      switch encoding.lowercased() {
      case "", "identity": return false
      case "gzip", "x-gzip": return true
      default: throw .unsupportedEncoding(String(encoding.prefix(40)))
      }
    }
  }
}
