/// Single texts out of small XML answers.
enum XMLText {
  /// The text of the first element of that name, without spaces around it; nil if there is none, or if it holds elements.
  static func element(_ name: String, in xml: String) -> String? {
    guard let start = xml.firstRange(of: "<\(name)>"),
      let end = xml[start.upperBound...].firstRange(of: "</\(name)>")
    else { return nil }
    let written = xml[start.upperBound..<end.lowerBound]
    guard !written.contains("<") else { return nil }
    let text = entities.reduce(String(written)) { $0.replacing($1.written, with: $1.meant) }
    return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// `&amp;` comes last, lest what it makes be read again.
  private static let entities = [
    (written: "&lt;", meant: "<"), (written: "&gt;", meant: ">"), (written: "&quot;", meant: "\""),
    (written: "&apos;", meant: "'"), (written: "&amp;", meant: "&"),
  ]
}
