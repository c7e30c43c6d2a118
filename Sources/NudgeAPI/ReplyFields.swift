/// A reply that is not what it should be: the two programs do not fit together.
package struct ReplyError: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
}

/// Reads the members of a reply. Members that are not known here are no error: fields may be added.
struct ReplyFields {
  private let members: [JSON.Member]
  /// What is read, for the error: "a message".
  private let what: String

  init(_ json: JSON, _ what: String) throws(ReplyError) {
    guard let members = json.members else { throw ReplyError(description: "\(what) should be an object") }
    self.members = members
    self.what = what
  }

  /// The member; nil if it is missing or null.
  func optional(_ name: String) -> JSON? {
    let value = members.first { $0.name == name }?.value
    return value == .null ? nil : value
  }

  func optionalString(_ name: String) -> String? { optional(name)?.string }
  func optionalInteger(_ name: String) -> Int? { optional(name)?.integer.flatMap(Int.init(exactly:)) }
  func optionalTime(_ name: String) -> Timestamp? { optionalString(name).flatMap(Timestamp.init(rfc3339:)) }

  func optionalArray<T>(_ name: String, of read: (JSON) throws(ReplyError) -> T) throws(ReplyError) -> [T]? {
    guard let values = optional(name)?.array else { return nil }
    var elements: [T] = []
    for value in values { elements.append(try read(value)) }
    return elements
  }

  func string(_ name: String) throws(ReplyError) -> String { try required(name, optionalString(name)) }
  func integer(_ name: String) throws(ReplyError) -> Int { try required(name, optionalInteger(name)) }
  func bool(_ name: String) throws(ReplyError) -> Bool { try required(name, optional(name)?.bool) }
  func time(_ name: String) throws(ReplyError) -> Timestamp { try required(name, optionalTime(name)) }
  func json(_ name: String) throws(ReplyError) -> JSON { try required(name, optional(name)) }

  func array<T>(_ name: String, of read: (JSON) throws(ReplyError) -> T) throws(ReplyError) -> [T] {
    try required(name, try optionalArray(name, of: read))
  }

  private func required<T>(_ name: String, _ value: T?) throws(ReplyError) -> T {
    guard let value else { throw ReplyError(description: "\(what) should have a \"\(name)\" and has none that fits") }
    return value
  }
}
