import CDefaultText

/// The classifier that is shipped: whether an English text is negative, neutral or positive.
///
/// Trained by Scripts/make-default-sentiment.py on the sentences and the lexicon that C. J. Hutto published with VADER under
/// the MIT licence: NOTICE names it. No text of it is in the program, only weights of hashed features.
public enum DefaultSentiment {
  public static var classifier: TextClassifier {
    let bytes = Array(
      UnsafeBufferPointer(start: attune_default_sentiment(), count: Int(attune_default_sentiment_count())))
    do throws(SnapshotRefusal) {
      return try TextClassifier(snapshot: bytes)
    } catch {
      preconditionFailure("the default classifier is part of the program: \(error)")
    }
  }
}
