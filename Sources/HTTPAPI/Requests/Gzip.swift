import CZlib

/// Why a gzip text was not unpacked.
enum GzipError: Error, Equatable {
  /// It is no gzip, or its check sum is wrong.
  case invalid
  /// It ends before its end.
  case truncated
  /// It would unpack to more than the limit.
  case tooLarge(bytesMax: Int)
}

/// Bounds on what a packed body may become. A small body that unpacks to much is an attack, a large one that does so is
/// merely repetitive; so a floor stands under the ratio.
struct UnpackLimits: Sendable {
  var bytesMax = 16 << 20
  /// Unpacked bytes for each packed one, beyond `bytesAlways`.
  var ratioMax = 250
  var bytesAlways = 1 << 20

  func bytesMax(packed: Int) -> Int { min(bytesMax, max(bytesAlways, packed * ratioMax)) }
}

/// Unpacks gzip members (RFC 1952), one after the other.
///
/// - Complexity: O(unpacked bytes) time; never holds more than the limit and one piece of 64 KiB.
func unpackGzip(_ packed: [UInt8], limits: UnpackLimits) throws(GzipError) -> [UInt8] {
  let bytesMax = limits.bytesMax(packed: packed.count)
  let result = packed.withUnsafeBufferPointer { input in
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64 << 10) { piece in
      unpack(input, piece: piece, bytesMax: bytesMax)
    }
  }
  return try result.get()
}

private func unpack(
  _ input: UnsafeBufferPointer<UInt8>, piece: UnsafeMutableBufferPointer<UInt8>, bytesMax: Int
) -> Result<[UInt8], GzipError> {
  var stream = z_stream()
  let gzipOnly: Int32 = 16 + MAX_WBITS
  guard inflateInit2_(&stream, gzipOnly, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
    return .failure(.invalid)
  }
  defer { inflateEnd(&stream) }
  stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
  stream.avail_in = UInt32(input.count)

  var output: [UInt8] = []
  output.reserveCapacity(min(bytesMax, input.count * 8))
  while true {
    stream.next_out = piece.baseAddress
    stream.avail_out = UInt32(piece.count)
    let status = inflate(&stream, Z_NO_FLUSH)
    let produced = piece.count - Int(stream.avail_out)
    guard output.count + produced <= bytesMax else { return .failure(.tooLarge(bytesMax: bytesMax)) }
    output.append(contentsOf: piece[..<produced])
    switch status {
    case Z_OK: continue
    case Z_STREAM_END:
      if stream.avail_in == 0 { return .success(output) }
      guard inflateReset(&stream) == Z_OK else { return .failure(.invalid) }
    case Z_BUF_ERROR: return .failure(.truncated)
    default: return .failure(.invalid)
    }
  }
}
