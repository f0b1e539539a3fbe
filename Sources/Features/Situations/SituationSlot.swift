public import Rules

/// The numbers of the fields that rules may read, so that evaluating compares no names. Not stored anywhere.
enum SituationSlot: Int, CaseIterable {
  case now, personID, personIdentified, personAge, personCohort
  case device, os, region, locale, timezone, referrer, campaign, hour, weekday
  case itemID, itemTitle, itemText, itemCategories, itemTags, itemPrice, itemCurrency, itemMargin, itemAvailable,
    itemStock
  case itemRegions, itemAgeMin, itemPublishedAt, itemIsNew

  /// The number of the first of the set's features; the others follow in order.
  static let firstFeature = 1_024

  var isOfItem: Bool { rawValue >= Self.itemID.rawValue }

  var path: FieldPath {
    switch self {
    case .now: FieldPath("now")
    case .personID: FieldPath("person", "id")
    case .personIdentified: FieldPath("person", "identified")
    case .personAge: FieldPath("person", "age")
    case .personCohort: FieldPath("person", "cohort")
    case .device: FieldPath("context", "device")
    case .os: FieldPath("context", "os")
    case .region: FieldPath("context", "region")
    case .locale: FieldPath("context", "locale")
    case .timezone: FieldPath("context", "timezone")
    case .referrer: FieldPath("context", "referrer")
    case .campaign: FieldPath("context", "campaign")
    case .hour: FieldPath("context", "hour")
    case .weekday: FieldPath("context", "weekday")
    case .itemID: FieldPath("item", "id")
    case .itemTitle: FieldPath("item", "title")
    case .itemText: FieldPath("item", "text")
    case .itemCategories: FieldPath("item", "categories")
    case .itemTags: FieldPath("item", "tags")
    case .itemPrice: FieldPath("item", "price")
    case .itemCurrency: FieldPath("item", "currency")
    case .itemMargin: FieldPath("item", "margin")
    case .itemAvailable: FieldPath("item", "available")
    case .itemStock: FieldPath("item", "stock")
    case .itemRegions: FieldPath("item", "regions")
    case .itemAgeMin: FieldPath("item", "age_min")
    case .itemPublishedAt: FieldPath("item", "published_at")
    case .itemIsNew: FieldPath("item", "is_new")
    }
  }

  var type: RuleType {
    switch self {
    case .now, .itemPublishedAt: .timestamp
    case .personIdentified, .itemAvailable, .itemIsNew: .bool
    case .personAge, .hour, .weekday, .itemStock, .itemAgeMin: .int
    case .itemPrice, .itemMargin: .double
    case .itemCategories, .itemTags, .itemRegions: .list(.string)
    case .personID, .personCohort, .device, .os, .region, .locale, .timezone, .referrer, .campaign, .itemID, .itemTitle,
      .itemText,
      .itemCurrency:
      .string
    }
  }

  static let byPath: [FieldPath: SituationSlot] = Dictionary(
    allCases.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
}

extension FeatureSet {
  /// What rules may read: `person.id`, `.identified` (has a `user_id`), `.age` (whole years, by the traits `birthday`
  /// or `age`), `.cohort` (the name of the discovered one), `.traits.*`, `.features.*`, `.scores.*`; `item.*` as the catalogue's
  /// documents name it, with `is_new` (published in the last 30 days); `context.*`, the known facts and whatever else the request
  /// says (`region` is the trait's where
  /// the context has none); `now`.
  static func schema(_ definitions: [FeatureDefinition], scores: [String]) -> RuleSchema {
    var features: [String: RuleField] = [:]
    for definition in definitions { features[definition.name] = .value(definition.valueType) }
    var schema = RuleSchema([
      "person": .record([
        "traits": .open, "features": .record(features),
        "scores": .record(Dictionary(uniqueKeysWithValues: scores.map { ($0, .value(.double)) })),
      ]), "item": .record(["attributes": .open]), "context": .open,
    ])
    for slot in SituationSlot.allCases { schema.declare(slot.path, as: .value(slot.type)) }
    return schema
  }

  /// The number of a field, for `Rule.bound(_:)`: rules bound with it must be asked in a `Situation` or `Candidate` of
  /// this set. nil for fields with open names, which are found by path.
  public func slot(of path: FieldPath) -> Int? {
    if path.root == "person", path.names.count == 2, path.names[0] == "features" {
      return index(of: path.names[1]).map { SituationSlot.firstFeature + $0 }
    }
    return SituationSlot.byPath[path]?.rawValue
  }
}
