/// A language tag that is well-formed by BCP 47 (RFC 5646): "de", "pt-BR", "zh-Hant-TW".
package enum LanguageTag {
  private static let example = "must be a BCP 47 language tag, like \"de-DE\""

  package static func complaint(about text: String) -> String? {
    text.bytes(satisfy: isUsual) ? nil : complaintInDetail(about: text)
  }

  /// True for a language alone or with a country, both of two letters: "de", "de-DE".
  private static func isUsual(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count == 2 || bytes.count == 5, bytes.prefix(2).allSatisfy(isLetter) else { return false }
    return bytes.count == 2 || (bytes[2] == UInt8(ascii: "-") && bytes.suffix(2).allSatisfy(isLetter))
  }

  static func complaintInDetail(about text: String) -> String? {
    if text.utf8.count > Limits.localeBytes { return "must be at most \(Limits.localeBytes) bytes long" }
    if isWellFormed(text) || grandfathered.contains(text.lowercased()) { return nil }
    let hyphened = String(text.map { $0 == "_" ? "-" : $0 })
    if hyphened != text && isWellFormed(hyphened) { return "\(example); write \"\(hyphened)\"" }
    return example
  }

  private static func isWellFormed(_ text: String) -> Bool {
    var subtags = Subtags(text)
    if subtags.isPrivateUse { return subtags.takePrivateUse() && subtags.isAtEnd }
    guard subtags.takeLanguage() else { return false }
    subtags.take { $0.count == 4 && $0.allSatisfy(isLetter) }
    subtags.take { ($0.count == 2 && $0.allSatisfy(isLetter)) || ($0.count == 3 && $0.allSatisfy(isDigit)) }
    guard subtags.takeVariants(), subtags.takeExtensions(), subtags.takePrivateUse() else { return false }
    return subtags.isAtEnd
  }

  /// The tags of RFC 5646 that follow no rule.
  private static let grandfathered: Set<String> = [
    "en-gb-oed", "i-ami", "i-bnn", "i-default", "i-enochian", "i-hak", "i-klingon", "i-lux", "i-mingo", "i-navajo",
    "i-pwn", "i-tao", "i-tay", "i-tsu", "sgn-be-fr", "sgn-be-nl", "sgn-ch-de",
  ]

  fileprivate static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  fileprivate static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  fileprivate static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }
}

/// The parts of a tag between its hyphens, taken from the front.
private struct Subtags {
  private var rest: ArraySlice<Substring.UTF8View>

  init(_ text: String) {
    rest = text[...].utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)[...]
  }

  var isAtEnd: Bool { rest.isEmpty }
  var isPrivateUse: Bool { rest.first.map { isSingleton($0, "x") } ?? false }

  @discardableResult
  mutating func take(_ isWanted: (Substring.UTF8View) -> Bool) -> Bool {
    guard let first = rest.first, isWanted(first) else { return false }
    rest.removeFirst()
    return true
  }

  mutating func takeLanguage() -> Bool {
    guard let language = rest.first, (2...8).contains(language.count), language.allSatisfy(LanguageTag.isLetter)
    else { return false }
    rest.removeFirst()
    guard language.count < 4 else { return true }
    for _ in 0..<3 { take { $0.count == 3 && $0.allSatisfy(LanguageTag.isLetter) } }
    return true
  }

  /// False if one is there twice.
  mutating func takeVariants() -> Bool {
    var seen: Set<String> = []
    while let first = rest.first, isVariant(first) {
      rest.removeFirst()
      guard seen.insert(String(decoding: first, as: UTF8.self).lowercased()).inserted else { return false }
    }
    return true
  }

  private func isVariant(_ subtag: Substring.UTF8View) -> Bool {
    guard subtag.allSatisfy(LanguageTag.isAlphanumeric) else { return false }
    return (5...8).contains(subtag.count) || (subtag.count == 4 && subtag.first.map(LanguageTag.isDigit) == true)
  }

  /// False if a singleton is there twice, or stands alone.
  mutating func takeExtensions() -> Bool {
    var seen: Set<UInt8> = []
    while let first = rest.first, first.count == 1, let singleton = first.first,
      LanguageTag.isAlphanumeric(singleton), !isPrivateUse
    {
      rest.removeFirst()
      guard seen.insert(singleton | 0x20).inserted, takeAll(2...8) else { return false }
    }
    return true
  }

  /// False if "x" stands alone.
  mutating func takePrivateUse() -> Bool {
    guard isPrivateUse else { return true }
    rest.removeFirst()
    return takeAll(1...8)
  }

  /// Takes all subtags of those lengths; false if there is none.
  private mutating func takeAll(_ lengths: ClosedRange<Int>) -> Bool {
    var count = 0
    while take({ lengths.contains($0.count) && $0.allSatisfy(LanguageTag.isAlphanumeric) }) { count += 1 }
    return count > 0
  }

  private func isSingleton(_ subtag: Substring.UTF8View, _ letter: Unicode.Scalar) -> Bool {
    subtag.count == 1 && subtag.first.map { $0 | 0x20 } == UInt8(ascii: letter)
  }
}
