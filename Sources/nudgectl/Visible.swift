/// Makes control characters visible.
enum Visible {
  static func text(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    var visible = ""
    for scalar in text.unicodeScalars { append(scalar, to: &visible) }
    return visible
  }

  /// Like `text`, but leaves line feeds and tabs as they are.
  static func lines(_ text: String) -> String {
    text.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map { Self.text(String($0)) } }
      .map { $0.joined(separator: "\t") }.joined(separator: "\n")
  }

  private static func append(_ scalar: Unicode.Scalar, to visible: inout String) {
    switch scalar.value {
    case 0..<0x20: visible.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "?")
    case 0x7F: visible += "␡"
    case _ where isHidden(scalar): visible += "<U+\(String(scalar.value, radix: 16, uppercase: true))>"
    default: visible.unicodeScalars.append(scalar)
    }
  }

  /// C0 and C1 controls, line and paragraph separators, and what turns the direction of a whole line.
  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C: true
    default: false
    }
  }
}
