// MARK: - Numbers

extension JSONReader {
  /// Reads a number; returns its literal.
  mutating func number() throws(Failure) -> String {
    let start = position
    if current == UInt8(ascii: "-") { position += 1 }
    if current == UInt8(ascii: "0") {
      position += 1
      if Self.isDigit(current) { throw failure("a number must not begin with 0") }
    } else {
      try digits()
    }
    if current == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      position += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(Failure) {
    guard Self.isDigit(current) else { throw failure("expected a digit") }
    while Self.isDigit(current) { position += 1 }
  }

  static func isDigit(_ byte: UInt8?) -> Bool {
    guard let byte else { return false }
    return byte &- UInt8(ascii: "0") < 10
  }
}

// MARK: - Strings

extension JSONReader {
  /// Reads a string; the position is at its opening quote.
  mutating func string() throws(Failure) -> String {
    position += 1
    let start = position
    let isASCII = try skipPlain()
    if bytes[position] == UInt8(ascii: "\"") {
      defer { position += 1 }
      return try decoded(start..<position, isASCII: isASCII)
    }
    return try escapedString(from: start, isASCII: isASCII)
  }

  /// Moves to the next quote or backslash; answers whether all before it is ASCII.
  private mutating func skipPlain() throws(Failure) -> Bool {
    let run = PlainRun(in: bytes, from: position)
    position = run.end
    guard let byte = current else { throw failure("the string does not end") }
    if byte < 0x20 { throw failure("a control character in a string must be escaped") }
    return run.isASCII
  }

  /// ASCII is valid UTF-8, and asking `String` whether it is takes as long as the whole rest of reading it.
  private func decoded(_ range: Range<Int>, isASCII: Bool) throws(Failure) -> String {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
    if isASCII { return String(decoding: raw, as: UTF8.self) }
    guard let text = String(validating: raw.assumingMemoryBound(to: UInt8.self), as: UTF8.self) else {
      throw failure("not valid UTF-8", at: range.lowerBound + Self.validPrefix(of: raw))
    }
    return text
  }

  private static func validPrefix(of raw: UnsafeRawBufferPointer) -> Int {
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = raw.makeIterator()
    var count = 0
    while case .valid(let scalar) = parser.parseScalar(from: &iterator) { count += scalar.count }
    return count
  }

  /// Goes on where the first backslash is.
  private mutating func escapedString(from start: Int, isASCII: Bool) throws(Failure) -> String {
    var text = ""
    var (plainStart, isASCII) = (start, isASCII)
    while true {
      text += try decoded(plainStart..<position, isASCII: isASCII)
      if bytes[position] == UInt8(ascii: "\"") {
        position += 1
        return text
      }
      position += 1
      text.unicodeScalars.append(try escape())
      plainStart = position
      isASCII = try skipPlain()
    }
  }

  /// Reads what follows a backslash.
  private mutating func escape() throws(Failure) -> Unicode.Scalar {
    guard let byte = current else { throw failure("the string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try codePoint()
    default: throw failure("there is no such escape", at: position - 2)
    }
  }

  /// Reads the digits of `\uXXXX`, and of the second half of a surrogate pair.
  private mutating func codePoint() throws(Failure) -> Unicode.Scalar {
    let start = position - 2
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, current == UInt8(ascii: "\\"), position + 1 < bytes.count,
      bytes[position + 1] == UInt8(ascii: "u")
    else { throw failure("half of a surrogate pair", at: start) }
    position += 2
    let second = try hexadecimal()
    guard (0xDC00...0xDFFF).contains(second),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    else { throw failure("half of a surrogate pair", at: start) }
    return scalar
  }

  private mutating func hexadecimal() throws(Failure) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Self.hexadecimalDigit(byte) else {
        throw failure("expected four hexadecimal digits after \\u")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }
}
