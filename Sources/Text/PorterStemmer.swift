/// Takes the inflections off English words, so that *connected*, *connecting* and *connection* meet in *connect*.
///
/// The algorithm of the paper with the two changes of its author's own program (*-bli* → *-ble*, *-logi* → *-log*). Words
/// of one or two letters, and all that is not made of the letters a-z, are left alone.
///
/// - Complexity: O(letters), in place.
/// - SeeAlso: Porter, *An algorithm for suffix stripping*, Program 14(3), 1980.
public struct PorterStemmer: Sendable {
  public init() {}

  public func stem(_ word: String) -> String {
    var bytes = Array(word.utf8)
    stem(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Stems a word of lower-case ASCII letters in place.
  public func stem(_ word: inout [UInt8]) {
    guard word.count > 2, word.allSatisfy({ (0x61...0x7A).contains($0) }) else { return }
    PorterSteps.plurals(&word)
    PorterSteps.pastAndGerund(&word)
    PorterSteps.finalY(&word)
    PorterSteps.replaceFirst(of: PorterSteps.doubleSuffixes, in: &word, measureAbove: 0)
    PorterSteps.replaceFirst(of: PorterSteps.derivedSuffixes, in: &word, measureAbove: 0)
    PorterSteps.dropSuffix(&word)
    PorterSteps.finalE(&word)
  }
}

/// The paper's steps 1a to 5b.
private enum PorterSteps {
  struct Suffix: Sendable {
    let from: [UInt8]
    let to: [UInt8]
    init(_ from: String, _ to: String = "") {
      self.from = Array(from.utf8)
      self.to = Array(to.utf8)
    }
  }

  /// Step 2. A suffix that ends another stands after it.
  static let doubleSuffixes = [
    Suffix("ational", "ate"), Suffix("tional", "tion"), Suffix("enci", "ence"), Suffix("anci", "ance"),
    Suffix("izer", "ize"), Suffix("bli", "ble"), Suffix("alli", "al"), Suffix("entli", "ent"), Suffix("eli", "e"),
    Suffix("ousli", "ous"), Suffix("ization", "ize"), Suffix("ation", "ate"), Suffix("ator", "ate"),
    Suffix("alism", "al"), Suffix("iveness", "ive"), Suffix("fulness", "ful"), Suffix("ousness", "ous"),
    Suffix("aliti", "al"), Suffix("iviti", "ive"), Suffix("biliti", "ble"), Suffix("logi", "log"),
  ]

  /// Step 3.
  static let derivedSuffixes = [
    Suffix("icate", "ic"), Suffix("ative"), Suffix("alize", "al"), Suffix("iciti", "ic"), Suffix("ical", "ic"),
    Suffix("ful"), Suffix("ness"),
  ]

  /// Step 4.
  static let droppedSuffixes = [
    Suffix("al"), Suffix("ance"), Suffix("ence"), Suffix("er"), Suffix("ic"), Suffix("able"), Suffix("ible"),
    Suffix("ant"), Suffix("ement"), Suffix("ment"), Suffix("ent"), Suffix("ion"), Suffix("ou"), Suffix("ism"),
    Suffix("ate"), Suffix("iti"), Suffix("ous"), Suffix("ive"), Suffix("ize"),
  ]

  /// Step 1a: caresses → caress, ponies → poni, cats → cat.
  static func plurals(_ word: inout [UInt8]) {
    guard word.last == UInt8(ascii: "s") else { return }
    if ends(word, "sses") || ends(word, "ies") {
      word.removeLast(2)
    } else if word[word.count - 2] != UInt8(ascii: "s") {
      word.removeLast()
    }
  }

  /// Step 1b: agreed → agree, plastered → plaster, hopping → hop, filing → file.
  static func pastAndGerund(_ word: inout [UInt8]) {
    if ends(word, "eed") {
      if measure(word, stem: word.count - 3) > 0 { word.removeLast() }
      return
    }
    let cut = ends(word, "ed") ? 2 : ends(word, "ing") ? 3 : 0
    guard cut > 0, hasVowel(word, stem: word.count - cut) else { return }
    word.removeLast(cut)
    if ends(word, "at") || ends(word, "bl") || ends(word, "iz") {
      word.append(UInt8(ascii: "e"))
    } else if endsInDoubleConsonant(word) {
      if let last = word.last, !"lsz".utf8.contains(last) { word.removeLast() }
    } else if measure(word, stem: word.count) == 1, endsInShortSyllable(word, stem: word.count) {
      word.append(UInt8(ascii: "e"))
    }
  }

  /// Step 1c: happy → happi, but sky → sky.
  static func finalY(_ word: inout [UInt8]) {
    if ends(word, "y"), hasVowel(word, stem: word.count - 1) { word[word.count - 1] = UInt8(ascii: "i") }
  }

  /// Steps 2 and 3: the first suffix that the word ends in decides.
  static func replaceFirst(of suffixes: [Suffix], in word: inout [UInt8], measureAbove limit: Int) {
    guard let suffix = suffixes.first(where: { ends(word, $0.from) }) else { return }
    let stem = word.count - suffix.from.count
    if measure(word, stem: stem) > limit { word.replaceSubrange(stem..., with: suffix.to) }
  }

  /// Step 4: revival → reviv, adoption → adopt.
  static func dropSuffix(_ word: inout [UInt8]) {
    guard let suffix = droppedSuffixes.first(where: { ends(word, $0.from) }) else { return }
    let stem = word.count - suffix.from.count
    if suffix.from.elementsEqual("ion".utf8) {
      guard stem > 0, "st".utf8.contains(word[stem - 1]) else { return }
    }
    if measure(word, stem: stem) > 1 { word.removeLast(suffix.from.count) }
  }

  /// Steps 5a and 5b: probate → probat, controll → control.
  static func finalE(_ word: inout [UInt8]) {
    if ends(word, "e") {
      let stem = word.count - 1
      let value = measure(word, stem: stem)
      if value > 1 || value == 1 && !endsInShortSyllable(word, stem: stem) { word.removeLast() }
    }
    if ends(word, "ll"), measure(word, stem: word.count - 1) > 1 { word.removeLast() }
  }

  private static func isConsonant(_ word: [UInt8], _ index: Int) -> Bool {
    switch word[index] {
    case UInt8(ascii: "a"), UInt8(ascii: "e"), UInt8(ascii: "i"), UInt8(ascii: "o"), UInt8(ascii: "u"): false
    case UInt8(ascii: "y"): index == 0 || !isConsonant(word, index - 1)
    default: true
    }
  }

  /// How many times consonants follow vowels in the first `stem` letters: m in the paper's [C](VC)^m[V].
  private static func measure(_ word: [UInt8], stem: Int) -> Int {
    var changes = 0
    var followsVowel = false
    for index in 0..<stem {
      let consonant = isConsonant(word, index)
      if consonant && followsVowel { changes += 1 }
      followsVowel = !consonant
    }
    return changes
  }

  private static func hasVowel(_ word: [UInt8], stem: Int) -> Bool {
    (0..<stem).contains { !isConsonant(word, $0) }
  }

  private static func endsInDoubleConsonant(_ word: [UInt8]) -> Bool {
    let last = word.count - 1
    return last > 0 && word[last] == word[last - 1] && isConsonant(word, last)
  }

  /// Consonant, vowel, consonant other than w, x, y: -wil, -hop.
  private static func endsInShortSyllable(_ word: [UInt8], stem: Int) -> Bool {
    let last = stem - 1
    return last > 1 && isConsonant(word, last) && !isConsonant(word, last - 1) && isConsonant(word, last - 2)
      && !"wxy".utf8.contains(word[last])
  }

  private static func ends(_ word: [UInt8], _ suffix: StaticString) -> Bool {
    let count = suffix.utf8CodeUnitCount
    guard word.count >= count else { return false }
    for offset in 0..<count where word[word.count - count + offset] != suffix.utf8Start[offset] { return false }
    return true
  }

  private static func ends(_ word: [UInt8], _ suffix: [UInt8]) -> Bool {
    guard word.count >= suffix.count, word.last == suffix.last else { return false }
    let start = word.count - suffix.count
    for offset in suffix.indices where word[start + offset] != suffix[offset] { return false }
    return true
  }
}
