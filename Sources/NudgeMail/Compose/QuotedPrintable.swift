/// RFC 2045, section 6.7: text as lines of at most 76 ASCII characters.
enum QuotedPrintable {
  /// Characters in a line, the `=` of a soft line break included.
  static let longestLine = 76
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Encodes `text`; its line ends (LF, CRLF or CR) become CRLF.
  ///
  /// What mail servers touch at the start of a line is encoded: a dot, which a careless one doubles or takes for the
  /// end, and `From `, which a mailbox file quotes. No scalar is cut by a soft line break.
  static func encode(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    for (number, line) in lines(of: text).enumerated() {
      if number > 0 { output += [0x0D, 0x0A] }
      encode(line: line, into: &output)
    }
    return output
  }

  private static func encode(line: Substring.UnicodeScalarView, into output: inout [UInt8]) {
    var column = 0
    var index = line.startIndex
    while index < line.endIndex {
      let next = line.index(after: index)
      let isLast = next == line.endIndex
      var token = token(for: line[index], isLast: isLast)
      if column + token.count > (isLast ? longestLine : longestLine - 1) {
        output += [UInt8(ascii: "="), 0x0D, 0x0A]
        column = 0
      }
      if column == 0 && isTouched(line[index...]) { token = escaped(line[index]) }
      output += token
      column += token.count
      index = next
    }
  }

  /// True if mail servers may change a line that starts like this.
  private static func isTouched(_ rest: Substring.UnicodeScalarView) -> Bool {
    if rest.first == "." { return true }
    return rest.prefix(5).elementsEqual("From ".unicodeScalars)
  }

  private static func token(for scalar: Unicode.Scalar, isLast: Bool) -> [UInt8] {
    switch scalar {
    case " ", "\t": isLast ? escaped(scalar) : [UInt8(scalar.value)]
    case "=": escaped(scalar)
    case "!"..."~": [UInt8(scalar.value)]
    default: escaped(scalar)
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> [UInt8] {
    UTF8.encode(scalar)!.flatMap { [UInt8(ascii: "="), digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
  }

  /// The lines of `text`, without their ends.
  private static func lines(of text: String) -> [Substring.UnicodeScalarView] {
    let scalars = text.unicodeScalars
    var lines: [Substring.UnicodeScalarView] = []
    var start = scalars.startIndex
    var index = start
    while index < scalars.endIndex {
      var next = scalars.index(after: index)
      if scalars[index] == "\r" || scalars[index] == "\n" {
        lines.append(scalars[start..<index])
        if scalars[index] == "\r", next < scalars.endIndex, scalars[next] == "\n" { next = scalars.index(after: next) }
        start = next
      }
      index = next
    }
    lines.append(scalars[start...])
    return lines
  }
}
