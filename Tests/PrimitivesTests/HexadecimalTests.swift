import Primitives
import Testing

@Suite struct HexadecimalTests {
  @Test func `every byte is two digits, which are read back in either case`() {
    let bytes = Array(UInt8.min...UInt8.max)
    #expect(bytes.hexadecimal.hasPrefix("000102") && bytes.hexadecimal.hasSuffix("fdfeff"))
    #expect([UInt8](hexadecimal: bytes.hexadecimal) == bytes)
    #expect([UInt8](hexadecimal: bytes.hexadecimal.uppercased()) == bytes)
  }

  @Test(arguments: ["0", "0g", "+1", "0x", " 1", "é"])
  func `what is no pair of digits is refused`(text: String) { #expect([UInt8](hexadecimal: text) == nil) }

  @Test func `a digest is 32 digits, most significant first`() {
    let digest = Digest128(high: 0x0123_4567_89AB_CDEF, low: 1)
    #expect(digest.hexadecimal == "0123456789abcdef0000000000000001")
    #expect(Digest128(hexadecimal: digest.hexadecimal) == digest)
    for text in ["", "01", digest.hexadecimal + "00"] { #expect(Digest128(hexadecimal: text) == nil) }
  }
}
