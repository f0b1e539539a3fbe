import Documents
import Primitives

/// Reads an item from JSON, member by member, refusing what it does not understand.
enum ItemReader {
  static let idBytesMax = 256
  static let titleBytesMax = 1 << 10
  static let textBytesMax = 64 << 10
  static let nameBytesMax = 256
  static let namesMax = 64
  static let attributesBytesMax = 32 << 10
  static let attributesDepthMax = 8
  static let ageMax = 120

  private static let fields = [
    "item_id", "title", "text", "categories", "tags", "price", "currency", "margin", "available", "stock", "regions",
    "age_min", "published_at", "attributes", "revision",
  ]
  /// What other systems call our fields.
  private static let otherNames = [
    "id": "item_id", "product_id": "item_id", "sku": "item_id", "name": "title", "description": "text",
    "category": "categories", "tag": "tags", "labels": "tags", "in_stock": "available", "is_available": "available",
    "quantity": "stock", "inventory": "stock", "region": "regions", "countries": "regions", "min_age": "age_min",
    "timestamp": "published_at", "created_at": "published_at", "properties": "attributes", "metadata": "attributes",
  ]

  static func item(from view: JSONView) throws(CatalogRefusal) -> CatalogItem {
    guard view.isObject else {
      throw CatalogRefusal(code: .wrongType, message: "an item must be an object, found \(view.kindInWords)")
    }
    var item = CatalogItem(id: "")
    for (key, value) in view.members { try read(value, as: key, into: &item) }
    guard !item.id.isEmpty else {
      throw CatalogRefusal(
        code: .missingField, message: "item_id is missing; every item needs one", field: "item_id")
    }
    return item
  }

  /// An item id: a string, or a number taken as it is written.
  static func itemID(_ view: JSONView) throws(CatalogRefusal) -> String {
    guard view.isString || view.isNumber else { throw wrongType("item_id", view, "a string or a number") }
    let id = view.string ?? String(decoding: view.rawBytes, as: UTF8.self)
    return try checked(id: id)
  }

  static func checked(id: String) throws(CatalogRefusal) -> String {
    guard !id.isEmpty else {
      throw CatalogRefusal(code: .invalidValue, message: "item_id must not be empty", field: "item_id")
    }
    guard id.utf8.count <= idBytesMax else { throw tooLarge("item_id", id.utf8.count, idBytesMax) }
    return id
  }

  private static func read(
    _ view: JSONView, as key: String, into item: inout CatalogItem
  ) throws(CatalogRefusal) {
    if key == "item_id" {
      item.id = try itemID(view)
      return
    }
    let isNull = view.isNull
    switch key {
    case "title": item.title = isNull ? nil : try text(view, key, titleBytesMax)
    case "text": item.text = isNull ? nil : try text(view, key, textBytesMax)
    case "categories": item.categories = isNull ? [] : try names(view, key)
    case "tags": item.tags = isNull ? [] : try names(view, key)
    case "price": item.price = isNull ? nil : try number(view, key, atLeast: 0)
    case "currency": item.currency = isNull ? nil : try currency(view)
    case "margin": item.margin = isNull ? nil : try number(view, key, atLeast: -1e15)
    case "available":
      guard let flag = isNull ? true : view.bool else { throw wrongType(key, view, "true or false") }
      item.isAvailable = flag
    case "stock": item.stock = isNull ? nil : try integer(view, key, in: 0...Int(Int32.max))
    case "regions": item.regions = isNull ? [] : try names(view, key)
    case "age_min": item.ageMin = isNull ? nil : try integer(view, key, in: 0...ageMax)
    case "published_at": item.publishedAt = isNull ? nil : try moment(view, key)
    case "attributes": item.attributes = isNull ? JSONObject() : try attributes(view)
    case "revision": break  // what we answered may be sent back; the log gives the revision
    default: throw unknown(key)
    }
  }

  private static func text(
    _ view: JSONView, _ field: String, _ bytesMax: Int
  ) throws(CatalogRefusal) -> String {
    guard let text = view.string else { throw wrongType(field, view, "a string") }
    guard text.utf8.count <= bytesMax else { throw tooLarge(field, text.utf8.count, bytesMax) }
    return text
  }

  private static func names(_ view: JSONView, _ field: String) throws(CatalogRefusal) -> [String] {
    guard view.isArray else { throw wrongType(field, view, "an array of strings") }
    var names: [String] = []
    var position = 0
    for element in view.elements {
      let place = "\(field)[\(position)]"
      let name = try text(element, place, nameBytesMax)
      guard !name.isEmpty else {
        throw CatalogRefusal(code: .invalidValue, message: "\(place) must not be empty", field: place)
      }
      if !names.contains(name) { names.append(name) }
      guard names.count <= namesMax else {
        throw CatalogRefusal(
          code: .tooLarge, message: "\(field) has more than the \(namesMax) entries allowed", field: field)
      }
      position += 1
    }
    return names
  }

  private static func number(
    _ view: JSONView, _ field: String, atLeast least: Double
  ) throws(CatalogRefusal) -> Double {
    guard let number = view.double else { throw wrongType(field, view, "a number") }
    guard number >= least, number <= 1e15 else {
      throw CatalogRefusal(
        code: .outOfRange, message: "\(field) must be \(least == 0 ? "0" : "-1e15") to 1e15, found \(number)",
        field: field)
    }
    return number
  }

  private static func integer(
    _ view: JSONView, _ field: String, in range: ClosedRange<Int>
  ) throws(CatalogRefusal) -> Int {
    guard let number = view.double else { throw wrongType(field, view, "a whole number") }
    guard let whole = Int(exactly: number), range.contains(whole) else {
      throw CatalogRefusal(
        code: .outOfRange,
        message: "\(field) must be a whole number from \(range.lowerBound) to \(range.upperBound), found \(number)",
        field: field)
    }
    return whole
  }

  private static func currency(_ view: JSONView) throws(CatalogRefusal) -> String {
    let code = try text(view, "currency", nameBytesMax).uppercased()
    guard code.utf8.count == 3, code.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
      throw CatalogRefusal(
        code: .invalidValue, message: "currency must be three letters as in ISO 4217, such as EUR, found '\(code)'",
        field: "currency")
    }
    return code
  }

  /// ISO 8601, or a number of seconds since 1970 (milliseconds when it is beyond the year 5138).
  private static func moment(_ view: JSONView, _ field: String) throws(CatalogRefusal) -> Timestamp {
    if let number = view.double {
      let seconds = abs(number) >= 1e11 ? number / 1_000 : number
      if abs(seconds) < 1e11 { return Timestamp(microseconds: Int64((seconds * 1e6).rounded())) }
    } else if let text = view.string, let moment = Timestamp(iso8601: text) {
      return moment
    } else if !view.isString {
      throw wrongType(field, view, "a time as in 2026-03-01T09:30:00Z")
    }
    throw CatalogRefusal(
      code: .invalidValue,
      message: "\(field) must be a time as in 2026-03-01T09:30:00Z, found \(view.value.text.prefix(64))", field: field)
  }

  private static func attributes(_ view: JSONView) throws(CatalogRefusal) -> JSONObject {
    guard view.isObject else { throw wrongType("attributes", view, "an object") }
    guard case .object(let object) = try value(view, depth: 1) else { return JSONObject() }
    try check(attributes: object)
    return object
  }

  static func check(attributes: JSONObject) throws(CatalogRefusal) {
    var writer = BinaryWriter()
    PackedJSON.write(attributes, to: &writer)
    guard writer.bytes.count <= attributesBytesMax else {
      throw tooLarge("attributes", writer.bytes.count, attributesBytesMax)
    }
  }

  /// The value with repeated keys settled: the last one counts.
  private static func value(_ view: JSONView, depth: Int) throws(CatalogRefusal) -> JSONValue {
    guard depth <= attributesDepthMax || !(view.isObject || view.isArray) else {
      throw CatalogRefusal(
        code: .tooDeep, message: "attributes are nested more than \(attributesDepthMax) levels deep",
        field: "attributes")
    }
    if view.isArray {
      var values: [JSONValue] = []
      for element in view.elements { values.append(try value(element, depth: depth + 1)) }
      return .array(values)
    }
    guard view.isObject else { return view.value }
    var members: [JSONObject.Member] = []
    var places: [String: Int] = [:]
    for (key, element) in view.members {
      let member = JSONObject.Member(key: key, value: try value(element, depth: depth + 1))
      if let place = places[key] {
        members[place] = member
      } else {
        places[key] = members.count
        members.append(member)
      }
    }
    return .object(JSONObject(members: members))
  }

  static func wrongType(_ field: String, _ view: JSONView, _ expected: String) -> CatalogRefusal {
    CatalogRefusal(
      code: .wrongType, message: "\(field) must be \(expected), found \(view.kindInWords)", field: field)
  }

  private static func tooLarge(_ field: String, _ bytes: Int, _ bytesMax: Int) -> CatalogRefusal {
    CatalogRefusal(
      code: .tooLarge, message: "\(field) has \(bytes) bytes, at most \(bytesMax) are allowed", field: field)
  }

  private static func unknown(_ key: String) -> CatalogRefusal {
    let key = String(key.prefix(64))
    let nearest = otherNames[key] ?? nearestWord(to: key, among: fields)
    let advice = nearest.map { "did you mean '\($0)'?" } ?? "put properties of your own under 'attributes'"
    return CatalogRefusal(code: .unknownField, message: "an item has no field '\(key)'; \(advice)", field: key)
  }
}
