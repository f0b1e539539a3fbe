import Primitives

/// Values as the contract of an event wants them; what is of another kind is refused.
extension JSONView {
  /// An id: text, or a number as it is written; nil when empty.
  func id(_ field: @autoclosure () -> String) throws(EventRejection) -> String? {
    guard isString || isNumber else {
      throw .wrongType(self, expected: "a string or a number", field: field())
    }
    let text = isString ? string ?? "" : String(decoding: rawBytes, as: UTF8.self)
    guard text.utf8.count <= EventLimits.idBytes else {
      throw .tooLong(text.utf8.count, max: EventLimits.idBytes, field: field())
    }
    return text.isEmpty ? nil : text
  }

  /// A name; nil when empty.
  func name(_ field: @autoclosure () -> String) throws(EventRejection) -> String? {
    guard let text = string else { throw .wrongType(self, expected: "a string", field: field()) }
    guard text.utf8.count <= EventLimits.nameBytes else {
      throw .tooLong(text.utf8.count, max: EventLimits.nameBytes, field: field())
    }
    return text.isEmpty ? nil : text
  }

  /// A number of either spelling, `4.5` or `"4.5"`, within ±10¹².
  func number(_ field: @autoclosure () -> String) throws(EventRejection) -> Double {
    guard let number = anyNumber else { throw .wrongType(self, expected: "a number", field: field()) }
    guard number.magnitude <= EventLimits.magnitude else {
      throw EventRejection(
        .outOfRange, "found \(EventRejection.quoting(self)), expected a number between -1e12 and 1e12", field: field())
    }
    return number
  }

  /// The object itself; nil for an empty array, which is how PHP writes an object without members.
  func objectOrNothing(_ field: @autoclosure () -> String) throws(EventRejection) -> JSONView? {
    if isObject { return self }
    guard isArray, rawBytes.allSatisfy({ !($0 > 0x20) || $0 == 0x5B || $0 == 0x5D }) else {
      throw .wrongType(self, expected: "an object", field: field())
    }
    return nil
  }
}

/// Values of what is the sender's own to shape; what is of another kind is nothing.
extension JSONView {
  /// A finite number of either spelling.
  var anyNumber: Double? {
    if let double { return double }
    guard let text = string, text.utf8.count <= 40, let number = Double(text), number.isFinite else { return nil }
    return number
  }

  /// A number that can be summed: within ±10¹².
  var amount: Double? { anyNumber.flatMap { $0.magnitude <= EventLimits.magnitude ? $0 : nil } }

  /// An id, unless it is empty or too long.
  var looseID: String? {
    guard isString || isNumber, range.count <= EventLimits.idBytes + 2 else { return nil }
    let text = isString ? string ?? "" : String(decoding: rawBytes, as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// A short text, unless it is empty or longer than `max` bytes.
  func shortText(max: Int = 128) -> String? {
    guard isString, range.count <= max + 2, let text = string, !text.isEmpty else { return nil }
    return text
  }
}
