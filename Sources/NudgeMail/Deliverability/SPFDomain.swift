import Glibc

/// The parts of SPF's grammar (RFC 7208, section 7.1) that a mechanism's argument is made of.
enum SPFDomain {
  private static let macroLetters = "slodiphcrtvSLODIPHCRTV"
  private static let delimiters = ".-+,/_="

  /// A domain-spec: text and macros, at the end a top-level label or a macro.
  static func isDomain(_ text: Substring) -> Bool {
    guard let endsInMacro = endOfMacroString(text) else { return false }
    if endsInMacro { return true }
    let labels = (text.last == "." ? text.dropLast() : text).split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1, let top = labels.last?.utf8, !top.isEmpty else { return false }
    let isWord = top.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") }
    return isWord && !top.allSatisfy(isDigit) && top.first != UInt8(ascii: "-") && top.last != UInt8(ascii: "-")
  }

  static func isMacroString(_ text: Substring) -> Bool { endOfMacroString(text) != nil }

  /// True for what may follow `a` and `mx`: `:domain`, `/24`, `//64`, in that order.
  static func isDomainWithPrefix(_ rest: Substring) -> Bool {
    var rest = rest
    if let (before, bits) = cut(rest, "//") {
      guard SPFNetwork.prefix(bits, most: SPFNetwork.bits6) != nil else { return false }
      rest = before
    }
    if let slash = rest.lastIndex(of: "/"), !rest[slash...].contains("}") {
      guard SPFNetwork.prefix(rest[rest.index(after: slash)...], most: SPFNetwork.bits4) != nil else { return false }
      rest = rest[..<slash]
    }
    return rest.isEmpty || rest.first == ":" && isDomain(rest.dropFirst())
  }

  /// Parts of a name: of a domain with no macro in it, ready to be asked for.
  static func isPlain(_ text: String) -> Bool { !text.contains("%") }

  private static func cut(_ text: Substring, _ mark: String) -> (before: Substring, after: Substring)? {
    guard let range = text.ranges(of: mark).last else { return nil }
    return (text[..<range.lowerBound], text[range.upperBound...])
  }

  /// Whether the text ends in a macro; nil if it is no macro-string.
  private static func endOfMacroString(_ text: Substring) -> Bool? {
    var rest = text
    var endsInMacro = false
    while let character = rest.first {
      if character == "%" {
        guard let length = lengthOfMacro(rest) else { return nil }
        rest = rest.dropFirst(length)
        endsInMacro = true
      } else {
        guard let value = character.asciiValue, (0x21...0x7E).contains(value) else { return nil }
        rest = rest.dropFirst()
        endsInMacro = false
      }
    }
    return endsInMacro
  }

  /// `%%`, `%_`, `%-` or `%{` letter, digits, `r`, delimiters `}`.
  private static func lengthOfMacro(_ text: Substring) -> Int? {
    guard let second = text.dropFirst().first else { return nil }
    if "%_-".contains(second) { return 2 }
    guard second == "{", let end = text.firstIndex(of: "}") else { return nil }
    let inner = text[..<end].dropFirst(2)
    guard let letter = inner.first, macroLetters.contains(letter) else { return nil }
    var rest = inner.dropFirst()
    let digits = rest.prefix { $0.isASCII && $0.isNumber }
    guard digits.isEmpty || digits.contains(where: { $0 != "0" }) else { return nil }
    rest = rest.dropFirst(digits.count)
    if rest.first == "r" || rest.first == "R" { rest = rest.dropFirst() }
    return rest.allSatisfy(delimiters.contains) ? inner.count + 3 : nil
  }

  static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  static func isNameText(_ byte: UInt8) -> Bool {
    isLetter(byte) || isDigit(byte) || "-_.".utf8.contains(byte)
  }

  static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

/// An address with the number of its bits that count.
struct SPFNetwork {
  static let bits4 = 32
  static let bits6 = 128

  var prefix: Int

  init?(ip4 text: Substring) {
    self.init(text, family: AF_INET, bits: Self.bits4)
  }

  init?(ip6 text: Substring) {
    self.init(text, family: AF_INET6, bits: Self.bits6)
  }

  private init?(_ text: Substring, family: Int32, bits: Int) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var address = in6_addr()  // the larger of the two
    guard let host = parts.first, inet_pton(family, String(host), &address) == 1 else { return nil }
    guard parts.count == 2 else {
      prefix = bits
      return
    }
    guard let prefix = Self.prefix(parts[1], most: bits) else { return nil }
    self.prefix = prefix
  }

  /// A number without a sign and without leading zeros.
  static func prefix(_ text: Substring, most: Int) -> Int? {
    guard let number = Int(text), text == String(number), (0...most).contains(number) else { return nil }
    return number
  }
}
