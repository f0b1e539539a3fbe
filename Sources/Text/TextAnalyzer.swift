/// From text to terms: tokens, without stop words, stemmed.
///
///     TextAnalyzer.english.terms(in: "The Runner's running shoes")   // ["runner", "run", "shoe"]
public struct TextAnalyzer: Sendable {
  private let tokenizer = Tokenizer()
  private let stemmer: PorterStemmer?
  private let stopWords: StopWords

  public init(stopWords: StopWords, stemmer: PorterStemmer?) {
    self.stopWords = stopWords
    self.stemmer = stemmer
  }

  public static let english = TextAnalyzer(stopWords: .english, stemmer: PorterStemmer())
  /// Tokens as they are, for languages that have no stemmer here.
  public static let plain = TextAnalyzer(stopWords: .none, stemmer: nil)

  /// The terms of `text` in order.
  public func terms(in text: String) -> [String] {
    var terms: [String] = []
    forEachTerm(in: text) { terms.append(String(decoding: $0, as: UTF8.self)) }
    return terms
  }

  /// The hashes of the terms of `text` in order, and of runs of up to `lengthMax` terms, each run after the term that
  /// ends it. Stop words are gone before runs are made.
  ///
  /// - Complexity: O(bytes + terms × lengthMax).
  public func nGramHashes(in text: String, upTo lengthMax: Int = 1, seed: UInt64 = 0) -> [TermHash] {
    precondition(lengthMax >= 1, "n-grams have at least one term, got \(lengthMax)")
    var hashes: [TermHash] = []
    var last: [TermHash] = []  // the newest terms, newest first
    forEachTerm(in: text) { term in
      let hash = TermHash(term, seed: seed)
      last.insert(hash, at: 0)
      if last.count > lengthMax { last.removeLast() }
      for length in 1...last.count {
        hashes.append(last[..<length].reversed().dropFirst().reduce(last[length - 1]) { $0.followed(by: $1) })
      }
    }
    return hashes
  }

  /// The hashes of the terms, without anything allocated for a term.
  public func forEachTermHash(in text: String, seed: UInt64 = 0, _ body: (TermHash) -> Void) {
    forEachTerm(in: text) { body(TermHash($0, seed: seed)) }
  }

  private func forEachTerm(in text: String, _ body: ([UInt8]) -> Void) {
    tokenizer.forEachToken(in: text) { token in
      if stopWords.contains(TermHash(token)) { return }
      stemmer?.stem(&token)
      body(token)
    }
  }
}
