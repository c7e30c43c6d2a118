/// Text of one line, safe to put into a mail's header: a line break there would be header injection, so it is refused,
/// never repaired.
enum PlainText {
  static func rule(characters: Int) -> Fields.Rule {
    { text in text.bytes(satisfy: { isPlain($0, characters) }) ? nil : complaintInDetail(about: text, characters) }
  }

  static func complaintInDetail(about text: String, _ characters: Int) -> String? {
    if isBlank(text) { return "must not be empty" }
    let isShort = text.utf8.count <= characters || text.count <= characters
    if !isShort { return "must be at most \(characters) characters long, not \(text.count)" }
    if text.utf8.count > characters * bytesPerCharacter {
      return "must be at most \(characters * bytesPerCharacter) bytes long"
    }
    return controlComplaint(about: text)
  }

  /// True for short ASCII that follows all rules, which nearly every text is.
  private static func isPlain(_ bytes: UnsafeBufferPointer<UInt8>, _ characters: Int) -> Bool {
    bytes.count <= characters && bytes.contains { $0 != UInt8(ascii: " ") } && bytes.allSatisfy(isPlain)
  }

  private static func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) }

  /// One character may be any number of combining scalars: this bounds them.
  private static let bytesPerCharacter = 8

  /// Nearly every text has a visible letter of ASCII, which Unicode need not be asked about.
  private static func isBlank(_ text: String) -> Bool {
    !text.utf8.contains { (0x21...0x7E).contains($0) } && text.allSatisfy(\.isWhitespace)
  }

  /// Complains of C0 and C1 controls, and of Unicode's line and paragraph separators.
  static func controlComplaint(about text: String) -> String? {
    if text.hasOnly(isPlain) { return nil }
    guard let scalar = text.unicodeScalars.first(where: isControl) else { return nil }
    return "must not contain control characters or line breaks; it contains \(codePoint(scalar))"
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    default: false
    }
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let hexadecimal = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - hexadecimal.count)) + hexadecimal
  }
}

extension String {
  /// Whether the bytes of its UTF-8 are as they should be. Over its memory itself: the view of them looks at each for where
  /// it is, which takes longer than to look at what it is.
  func bytes(satisfy isGood: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    var text = self
    return text.withUTF8(isGood)
  }

  func hasOnly(_ isGood: (UInt8) -> Bool) -> Bool { bytes(satisfy: { $0.allSatisfy(isGood) }) }
}
