/// Names that are understood in every workspace.
extension EventNames {
  /// The 28 events of the Segment e-commerce specification, version 2; nil: understood, but no act upon an item. (A
  /// cancelled order is a refund; a promotion is no item; what is said of a whole cart was said of its items before.)
  /// - SeeAlso: Segment, *V2 E-commerce Events*.
  static let commerce: [(name: String, signal: SignalKind?)] = [
    ("Products Searched", .search), ("Product List Viewed", .impression), ("Product List Filtered", .impression),
    ("Promotion Viewed", nil), ("Promotion Clicked", nil), ("Product Clicked", .click), ("Product Viewed", .view),
    ("Product Added", .addToCart), ("Product Removed", .removeFromCart),
    ("Cart Viewed", nil), ("Checkout Started", nil), ("Checkout Step Viewed", nil), ("Checkout Step Completed", nil),
    ("Payment Info Entered", nil), ("Order Updated", nil), ("Order Completed", .purchase), ("Order Refunded", .refund),
    ("Order Cancelled", .refund), ("Coupon Entered", nil), ("Coupon Applied", nil), ("Coupon Denied", nil),
    ("Coupon Removed", nil), ("Product Added to Wishlist", .save), ("Product Removed from Wishlist", nil),
    ("Wishlist Product Added to Cart", .addToCart), ("Product Shared", .save), ("Cart Shared", nil),
    ("Product Reviewed", .rating),
  ]

  /// The names that mean something in every workspace, for suggestions.
  public static var standardWords: [String] { standardNames.map(\.name) }

  /// Each name of the flat form, those of commerce, and the latter with the act first where its one word stands last
  /// (`Viewed Product`, as in version 1).
  static var standardNames: [(name: String, meaning: EventMeaning)] {
    let flat = SignalKind.allCases.map { (name: $0.name, meaning: EventMeaning($0)) }
    let acts: Set<Substring> = [
      "Searched", "Viewed", "Filtered", "Clicked", "Added", "Removed", "Started", "Completed", "Entered", "Updated",
      "Refunded", "Cancelled", "Applied", "Denied", "Shared", "Reviewed",
    ]
    return commerce.reduce(into: flat) { names, event in
      names.append((event.name, EventMeaning(event.signal)))
      var words = event.name.split(separator: " ")
      guard let act = words.popLast(), acts.contains(act) else { return }
      names.append((([act] + words).joined(separator: " "), EventMeaning(event.signal)))
    }
  }
}
