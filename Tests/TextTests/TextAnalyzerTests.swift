import Testing
import Text

@Suite struct TokenizerTests {
  @Test(
    arguments: [
      ("", []),
      (" \n\t.,;!", []),
      ("Running Shoes", ["running", "shoes"]),
      ("wi-fi/USB_C 3.0", ["wi", "fi", "usb", "c", "3", "0"]),
      ("iPhone15", ["iphone15"]),
      ("don't", ["dont"]),
      ("the child's toys'", ["the", "child", "toys"]),
      ("O\u{2019}Neill\u{2019}s", ["oneill"]),
      ("''quoted''", ["quoted"]),
      ("Café CRÈME brûlée", ["cafe", "creme", "brulee"]),
      ("Cafe\u{301}", ["cafe"]),
      ("Größe ÆON Þór œuvre Łódź", ["grosse", "aeon", "thor", "oeuvre", "lodz"]),
      ("Tiếng Việt", ["tieng", "viet"]),
      ("КНИГА Ωμέγα", ["книга", "ωμέγα"]),
      ("हिन्दी", ["हिन्दी"]),
      ("東京都", ["東京", "京都"]),
      ("猫 cat猫ネコ", ["猫", "cat", "猫ネ", "ネコ"]),
      ("2 × 3 ÷ 4", ["2", "3", "4"]),
      ("👟 shoe", ["shoe"]),
    ] as [(String, [String])])
  func `words are cut, lower-cased and folded`(text: String, tokens: [String]) {
    #expect(Tokenizer().tokens(in: text) == tokens)
  }

  @Test func `a word of a megabyte is cut at its bound`() {
    let tokens = Tokenizer().tokens(in: String(repeating: "x", count: 1 << 20) + " y")
    #expect(tokens == [String(repeating: "x", count: Tokenizer.tokenBytesMax), "y"])
  }
}

@Suite struct TextAnalyzerTests {
  @Test(
    arguments: [
      ("The Runner's running shoes", ["runner", "run", "shoe"]),
      ("to be or not to be", []),
      ("Les chaussures élégantes", ["le", "chaussur", "elegant"]),
    ] as [(String, [String])])
  func `terms are stems without stop words`(text: String, terms: [String]) {
    #expect(TextAnalyzer.english.terms(in: text) == terms)
  }

  @Test func `plain terms are the tokens`() {
    #expect(TextAnalyzer.plain.terms(in: "The running") == ["the", "running"])
  }

  @Test func `hashes do not change between versions`() {
    #expect(TermHash("").rawValue == 0xefd0_1f60_ba99_2926)
    #expect(TermHash("shoe").rawValue == 0x0447_d2a5_ee3e_d952)
    #expect(TermHash("shoe", seed: 1) != TermHash("shoe"))
  }

  @Test func `an n-gram is made of its terms in their order`() {
    let analyzer = TextAnalyzer.english
    let (red, shoe, box) = (TermHash("red"), TermHash("shoe"), TermHash("box"))
    #expect(analyzer.nGramHashes(in: "red shoes box") == [red, shoe, box])
    #expect(
      analyzer.nGramHashes(in: "red shoes box", upTo: 2)
        == [red, shoe, red.followed(by: shoe), box, shoe.followed(by: box)])
    #expect(analyzer.nGramHashes(in: "red shoes box", upTo: 3).last == red.followed(by: shoe).followed(by: box))
    #expect(red.followed(by: shoe) != shoe.followed(by: red))
  }

  @Test func `hashing terms one by one gives the same as all at once`() {
    var hashes: [TermHash] = []
    TextAnalyzer.english.forEachTermHash(in: "Seven running rabbits", seed: 9) { hashes.append($0) }
    #expect(hashes == TextAnalyzer.english.nGramHashes(in: "Seven running rabbits", seed: 9))
    #expect(hashes.count == 3)
  }
}
