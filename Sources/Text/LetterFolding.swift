/// Lower-cases a letter and takes its diacritics away: `É` is `e`, `ß` is `ss`, `Ñ` is `n`.
///
/// Latin letters (U+00C0 to U+024F and U+1E00 to U+1EFF) are read from a table of their canonical decompositions' bases;
/// other scripts are lower-cased by Unicode's full mapping and keep their marks.
enum LetterFolding {
  /// ASCII letters and digits in lower case, 0 for everything that separates words.
  static let ascii: [UInt8] = (UInt8(0)..<128).map { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
    default: 0
    }
  }

  /// From U+00C0; a point stands for letters without an ASCII base.
  private static let latin = Array(
    ("aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
      + "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkklllllll"
      + "lllnnnnnnnnnoooooo..rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
      + "bb.......dd......ffg...ikkl...nooo..pp......tttuu.vyyzz........."
      + ".............aaiioouuuuuuuuuu.aaaa..ggggkkoooo..j...gg..nnaa..oo"
      + "aaaaeeeeiiiioooorrrruuuusstt..hhnd..zzaaeeooooooooyylntj..accl.s" + "z..bu.eejjqqrryy").utf8)

  /// From U+1E00.
  private static let latinAdditional = Array(
    ("aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmm"
      + "mmmmnnnnnnnnoooooooopppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvv"
      + "wwwwwwwwwwxxxxyyzzzzzzhtwy.sss..aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
      + "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy..vvyy").utf8)

  /// Appends the folded form of `scalar`, which is a letter, digit or mark beyond ASCII.
  static func fold(_ scalar: Unicode.Scalar, into token: inout [UInt8]) {
    let value = scalar.value
    var base = UInt8(ascii: ".")
    if (0xC0..<0xC0 + UInt32(latin.count)).contains(value) {
      base = latin[Int(value - 0xC0)]
    } else if (0x1E00..<0x1F00).contains(value) {
      base = latinAdditional[Int(value - 0x1E00)]
    }
    guard base == UInt8(ascii: ".") else { return token.append(base) }
    switch value {
    case 0xC6, 0xE6, 0x1E2, 0x1E3, 0x1FC, 0x1FD: token.append(contentsOf: "ae".utf8)
    case 0xDF, 0x1E9E: token.append(contentsOf: "ss".utf8)
    case 0xDE, 0xFE: token.append(contentsOf: "th".utf8)
    case 0x152, 0x153: token.append(contentsOf: "oe".utf8)
    case 0x132, 0x133: token.append(contentsOf: "ij".utf8)
    default: token.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
    }
  }

  /// Whether `scalar`, beyond ASCII, is part of a word. Combining diacritics of Latin, Greek and Cyrillic are not: they
  /// are dropped where they stand.
  static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    if (0xC0...0x24F).contains(value) { return value != 0xD7 && value != 0xF7 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .decimalNumber, .letterNumber:
      return true
    default: return false
    }
  }

  static func isCombiningDiacritic(_ scalar: Unicode.Scalar) -> Bool { (0x300...0x36F).contains(scalar.value) }

  /// Scripts written without spaces, of which pairs of characters are taken for words: Han and Kana.
  static func isIdeographic(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3041...0x30FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x323AF: true
    default: false
    }
  }
}
