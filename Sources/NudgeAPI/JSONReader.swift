package import NIOCore

extension JSON {
  /// How deeply arrays and objects may nest.
  package static let depthLimit = 64

  /// Why a text is not JSON, and where.
  package struct SyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 0, in bytes.
    package var offset: Int
    /// From 1.
    package var line: Int
    /// From 1, in bytes.
    package var column: Int
    package var reason: String

    package var description: String { "line \(line), column \(column): \(reason)" }
  }

  /// Reads one JSON text by RFC 8259, strictly: valid UTF-8 without a byte order mark, nothing but white space around the
  /// value, no member name twice in an object, no lone surrogate.
  package init(parsing bytes: UnsafeRawBufferPointer) throws(SyntaxError) {
    var reader = JSONReader(bytes)
    do {
      self = try reader.text()
    } catch {
      throw SyntaxError(at: error.offset, in: bytes, reason: error.reason)
    }
  }

  package init(parsing bytes: [UInt8]) throws(SyntaxError) {
    self = try bytes.withUnsafeBytes { pointer in Result { () throws(SyntaxError) in try JSON(parsing: pointer) } }
      .get()
  }

  package init(parsing text: String) throws(SyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }

  package init(parsing buffer: ByteBuffer) throws(SyntaxError) {
    self = try buffer.withUnsafeReadableBytes { pointer in
      Result { () throws(SyntaxError) in try JSON(parsing: pointer) }
    }.get()
  }
}

extension JSON.SyntaxError {
  fileprivate init(at offset: Int, in bytes: UnsafeRawBufferPointer, reason: String) {
    let before = bytes.prefix(offset)
    let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let newlines = before.count { $0 == UInt8(ascii: "\n") }
    self.init(offset: offset, line: newlines + 1, column: offset - lineStart + 1, reason: reason)
  }
}

/// A recursive-descent reader over the bytes of one text.
struct JSONReader {
  struct Failure: Error {
    var offset: Int
    var reason: String
  }

  let bytes: UnsafeRawBufferPointer
  var position = 0
  private var depth = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
  }

  /// The byte at the position; nil at the end.
  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  func failure(_ reason: String, at offset: Int? = nil) -> Failure {
    Failure(offset: offset ?? position, reason: reason)
  }

  mutating func text() throws(Failure) -> JSON {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      throw failure("begins with a byte order mark, which JSON must not")
    }
    skipSpace()
    let value = try value()
    skipSpace()
    if position < bytes.count { throw failure("expected the end after the value") }
    return value
  }

  private mutating func value() throws(Failure) -> JSON {
    switch current {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try nested { reader throws(Failure) in try reader.object() }
    case UInt8(ascii: "["): return try nested { reader throws(Failure) in try reader.array() }
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw failure("expected a value, found the end")
    case let byte? where byte == UInt8(ascii: "-") || Self.isDigit(byte): return .number(try number())
    default: throw failure("expected a value")
    }
  }

  private mutating func nested(_ body: (inout Self) throws(Failure) -> JSON) throws(Failure) -> JSON {
    guard depth < JSON.depthLimit else { throw failure("nested deeper than \(JSON.depthLimit) levels") }
    depth += 1
    position += 1
    skipSpace()
    let value = try body(&self)
    depth -= 1
    return value
  }

  private mutating func word(_ word: StaticString, _ value: JSON) throws(Failure) -> JSON {
    let end = position + word.utf8CodeUnitCount
    let expected = UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard end <= bytes.count, bytes[position..<end].elementsEqual(expected) else { throw failure("expected a value") }
    position = end
    return value
  }

  mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }
}

// MARK: - Arrays and objects

extension JSONReader {
  private mutating func array() throws(Failure) -> JSON {
    var values: [JSON] = []
    if take(UInt8(ascii: "]")) { return .array(values) }
    while true {
      values.append(try value())
      skipSpace()
      if take(UInt8(ascii: "]")) { return .array(values) }
      guard take(UInt8(ascii: ",")) else { throw failure("expected , or ] in the array") }
      skipSpace()
    }
  }

  private mutating func object() throws(Failure) -> JSON {
    var names = MemberNames()
    var members: [JSON.Member] = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    members.reserveCapacity(depth == 1 ? JSONReader.usualFields : JSONReader.usualMembers)
    while true {
      let start = position
      guard current == UInt8(ascii: "\"") else { throw failure("expected the name of a member in double quotes") }
      let name = try string()
      guard names.insert(name, after: members) else {
        throw failure("the name \(quoted(name)) is there twice", at: start)
      }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw failure("expected : after the name of a member") }
      skipSpace()
      members.append(JSON.Member(name, try value()))
      skipSpace()
      if take(UInt8(ascii: "}")) { return .object(members) }
      guard take(UInt8(ascii: ",")) else { throw failure("expected , or } in the object") }
      skipSpace()
    }
  }

  /// Room for the members of the outermost object: most events have no more, and to move them takes longer than to read one.
  private static let usualFields = 16
  /// Room for those of the objects in it.
  private static let usualMembers = 8

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private func quoted(_ name: String) -> String { JSON.string(String(name.prefix(64))).text }
}

/// Finds the name that an object has twice. Names are compared byte for byte: Swift's `==` would take "é" and "e" with
/// an accent for the same.
private struct MemberNames {
  /// Up to this many names are compared one by one, which is faster than hashing.
  private static let scanned = 16
  private var seen: Set<[UInt8]> = []

  /// False if one of `members` has that name.
  mutating func insert(_ name: String, after members: [JSON.Member]) -> Bool {
    if members.count < Self.scanned {
      let length = name.utf8.count
      return !members.indices.contains { index in
        members[index].name.utf8.count == length && members[index].name == name
          && members[index].name.utf8.elementsEqual(name.utf8)
      }
    }
    if seen.isEmpty { seen = Set(members.map { Array($0.name.utf8) }) }
    return seen.insert(Array(name.utf8)).inserted
  }
}
