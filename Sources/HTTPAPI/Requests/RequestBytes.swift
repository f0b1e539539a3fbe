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

  public init() {}

  func bytesMax(_ rule: BodyRule) -> Int {
    switch rule {
    case .none: 0
    case .small: smallBytesMax
    case .large: largeBytesMax
    }
  }
}

extension Request {
  /// The declared length of the body; nil when it is sent in chunks.
  var declaredLength: Int? { headers[.contentLength].flatMap { Int($0) } }

  /// Reads the whole body and unpacks it.
  ///
  /// - Throws: `Problem` for bodies that are too large, packed otherwise than with gzip, or no gzip though they say so;
  ///   the connection's error when it breaks.
  func bytes(limits: BodyLimits, rule: BodyRule) async throws -> [UInt8] {
    let bytesMax = limits.bytesMax(rule)
    let length = declaredLength
    if let length, length > bytesMax { throw Problem.tooLarge(bytesMax: bytesMax) }
    let isPacked = try isGzip

    var bytes: [UInt8] = []
    bytes.reserveCapacity(length ?? 1_024)
    for try await piece in body {
      guard bytes.count + piece.readableBytes <= bytesMax else { throw Problem.tooLarge(bytesMax: bytesMax) }
      piece.withUnsafeReadableBytes { bytes.append(contentsOf: $0) }
    }
    guard isPacked, !bytes.isEmpty else { return bytes }
    return try unpackGzip(bytes, limits: UnpackLimits(bytesMax: limits.unpackedBytesMax))
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
