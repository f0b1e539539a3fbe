/// Words too common to say what a text is about.
public struct StopWords: Sendable {
  private let hashes: [TermHash]

  /// - Parameter words: As the tokeniser gives them: lower case, without apostrophes.
  public init(_ words: some Sequence<String>) { hashes = words.map { TermHash($0) }.sorted() }

  public static let none = StopWords([])

  /// English function words; short, since a stop word that a catalogue needs is worse than one too few.
  public static let english = StopWords(
    """
    a about all also am an and any are as at be because been but by can could did do does doing dont for from had has
    have he her here him his how i if in into is it its just me more most my no nor not of on or our out over own s she
    so some such t than that the their them then there these they this those through to too up us very was we were what
    when where which while who why will with would you your
    """.split { $0 == " " || $0 == "\n" }.map(String.init))

  public func contains(_ word: String) -> Bool { contains(TermHash(word)) }

  /// - Complexity: O(log words).
  public func contains(_ hash: TermHash) -> Bool {
    var low = 0
    var high = hashes.count
    while low < high {
      let middle = (low + high) / 2
      if hashes[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < hashes.count && hashes[low] == hash
  }
}
