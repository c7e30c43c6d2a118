/// A JSON value. Numbers keep their literal digit for digit: an amount must not pass through a `Double`.
///
/// Objects keep the order of their members; the reader refuses two of one name.
package enum JSON: Hashable, Sendable {
  package struct Member: Hashable, Sendable {
    package var name: String
    package var value: JSON

    package init(_ name: String, _ value: JSON) {
      self.name = name
      self.value = value
    }
  }

  case null
  case bool(Bool)
  /// The literal as it was written, by the grammar of RFC 8259.
  case number(String)
  case string(String)
  case array([JSON])
  case object([Member])
}

// MARK: - Making

extension JSON {
  package init(_ value: Bool) { self = .bool(value) }
  package init(_ value: String?) { self = value.map(JSON.string) ?? .null }
  package init(_ value: Int?) { self = value.map { .number(String($0)) } ?? .null }
  package init(_ value: Int64?) { self = value.map { .number(String($0)) } ?? .null }
  package init(_ value: Timestamp?) { self = value.map { .string($0.rfc3339) } ?? .null }

  /// An object of those members that have a value.
  static func object(ofSaid members: [(String, JSON?)]) -> JSON {
    .object(members.compactMap { name, value in value.map { Member(name, $0) } })
  }
}

// No nil literal: `condition ? nil : json` must be an optional without a value, not a null.
extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  package init(stringLiteral value: String) { self = .string(value) }
  package init(booleanLiteral value: Bool) { self = .bool(value) }
  package init(integerLiteral value: Int) { self = .number(String(value)) }
  package init(arrayLiteral elements: JSON...) { self = .array(elements) }
  package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }
}

// MARK: - Looking into

extension JSON {
  /// The member of an object; nil if there is none, or if this is no object.
  package subscript(name: String) -> JSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  package var string: String? {
    guard case .string(let value) = self else { return nil }
    return value
  }

  package var bool: Bool? {
    guard case .bool(let value) = self else { return nil }
    return value
  }

  /// The number, if it is written as a whole one and fits.
  package var integer: Int64? {
    guard case .number(let literal) = self else { return nil }
    return Int64(literal)
  }

  package var array: [JSON]? {
    guard case .array(let values) = self else { return nil }
    return values
  }

  package var members: [Member]? {
    guard case .object(let members) = self else { return nil }
    return members
  }

  /// What kind of value this is, for a sentence: "must be a string, not a number".
  var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }

  /// The same value with the members of every object in the order of their names' bytes.
  var sorted: JSON {
    switch self {
    case .null, .bool, .number, .string: self
    case .array(let values): .array(values.map(\.sorted))
    case .object(let members):
      .object(
        members.map { Member($0.name, $0.value.sorted) }
          .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
    }
  }
}
