import Events
import Features

/// What an act says of the person's liking.
enum ActStrength {
  /// From −1 (against the item) to 1 (bought it); 0 says nothing. An impression is no act of the person's.
  static func liking(_ act: Interaction) -> Double {
    switch act.kind {
    case .purchase: 1
    case .addToCart, .save: 0.5
    case .click: 0.2
    case .view: 0.1
    case .dwell: 0.1 * min(1, Double(max(0, act.value)) / 60)
    case .rating: act.value >= 4 ? 0.5 : act.value >= 3 ? 0.1 : act.value > 0 ? -0.5 : 0.1
    case .removeFromCart: -0.25
    case .dismiss: -0.5
    case .refund: -1
    case .impression, .search: 0
    }
  }

  /// How much the act binds the item to what was done around it, whether liked or not: 1 is a view, 0 does not count.
  static func attention(_ act: Interaction) -> Double {
    switch act.kind {
    case .purchase: 3
    case .addToCart, .save: 2
    case .rating: act.value >= 4 ? 2 : 1
    case .click, .view: 1
    case .dwell, .impression, .search, .removeFromCart, .dismiss, .refund: 0
    }
  }
}
