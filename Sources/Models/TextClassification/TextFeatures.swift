import Text

/// What a text classifier sees of a text: hashes of its words, of pairs of neighbours, and of runs of characters.
///
/// A text is cut at white space into pieces. Words are the tokens of a piece (`Tokenizer`: lower case, no diacritics, pairs of
/// Han and Kana characters); a pair is two neighbouring words. Runs are 2 to 5 characters of a piece in lower case, its ends
/// marked, punctuation and emoji included: they need no language, find `loooove` near `love`, and `:-(`. Each feature counts
/// once; words and runs are each scaled to length 1, so that long texts weigh as much as short ones.
struct TextFeatures {
  struct Feature {
    /// The upper 40 bits of the `TermHash`: of a hundred thousand known features few share theirs with another.
    let hash: UInt64
    let value: Float
    /// The piece that it begins in.
    let piece: Int
  }

  private static let hashShift: UInt64 = 24
  static let runLengths = 2...5
  /// Pieces that are read; what comes after says no more.
  static let piecesMax = 2_000
  /// Characters of a piece that are read.
  static let pieceCharactersMax = 40

  /// As they stand in the text.
  private(set) var pieces: [Substring] = []
  private(set) var features: [Feature] = []

  init(_ text: String) {
    let tokenizer = Tokenizer()
    pieces = text.split(maxSplits: Self.piecesMax, whereSeparator: \.isWhitespace)
    if pieces.count > Self.piecesMax { pieces.removeLast() }
    var words: [(hash: UInt64, piece: Int)] = []
    var runs: [(hash: UInt64, piece: Int)] = []
    var (seenWords, seenRuns): (Set<UInt64>, Set<UInt64>) = ([], [])
    var last: TermHash?
    for (number, piece) in pieces.enumerated() {
      tokenizer.forEachToken(in: String(piece.prefix(Tokenizer.tokenBytesMax))) { token in
        let word = TermHash(token, seed: 1)
        let single = word.rawValue >> Self.hashShift
        if seenWords.insert(single).inserted { words.append((single, number)) }
        if let pair = last.map({ $0.followed(by: word).rawValue >> Self.hashShift }), seenWords.insert(pair).inserted {
          words.append((pair, number))
        }
        last = word
      }
      // The piece with its ends marked, and where each character begins in it.
      var bytes: [UInt8] = [0x20]
      var begins = [0, 1]
      for scalar in piece.prefix(Self.pieceCharactersMax).lowercased().unicodeScalars {
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        begins.append(bytes.count)
      }
      bytes.append(0x20)
      begins.append(bytes.count)
      for start in 0..<begins.count - 1 {
        for length in Self.runLengths where start + length < begins.count {
          let run = TermHash(bytes[begins[start]..<begins[start + length]], seed: 2).rawValue >> Self.hashShift
          if seenRuns.insert(run).inserted { runs.append((run, number)) }
        }
      }
    }
    for group in [words, runs] where !group.isEmpty {
      let value = 1 / Float(group.count).squareRoot()
      features += group.map { Feature(hash: $0.hash, value: value, piece: $0.piece) }
    }
  }
}
