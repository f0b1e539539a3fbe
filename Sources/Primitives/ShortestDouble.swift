extension Double {
  /// The double that is written like `float`: 0.1 for a float of 0.1, not 0.10000000149011612.
  public init(shortest float: Float) { self = Double(float.description) ?? Double(float) }
}
