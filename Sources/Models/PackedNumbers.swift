import Primitives

/// Whole arrays of numbers as they lie in memory, little-endian as all machines that we build for: a checkpoint writes
/// thousands of them while the partition waits.
extension BinaryWriter {
  mutating func write(packed numbers: [UInt32]) {
    write(count: numbers.count)
    numbers.withUnsafeBytes { write(raw: $0) }
  }

  mutating func write(packed numbers: [Double]) {
    write(count: numbers.count)
    numbers.withUnsafeBytes { write(raw: $0) }
  }
}

extension BinaryReader {
  mutating func readPackedWords() throws(BinaryError) -> [UInt32] {
    let bytes = try readRaw(try readCount() * MemoryLayout<UInt32>.stride)
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 4).map { UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * 4, as: UInt32.self)) }
    }
  }

  mutating func readPackedDoubles() throws(BinaryError) -> [Double] {
    let bytes = try readRaw(try readCount() * MemoryLayout<Double>.stride)
    return bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { place in
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place * 8, as: UInt64.self)))
      }
    }
  }
}
