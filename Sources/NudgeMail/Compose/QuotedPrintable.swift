/// RFC 2045, section 6.7: text as lines of at most 76 ASCII characters.
enum QuotedPrintable {
  /// Characters in a line, the `=` of a soft line break included.
  static let longestLine = 76
  private static let digits = Array("0123456789ABCDEF".utf8)
  private static let fromLine = Array("From ".utf8)
  private static let lineEnd: [UInt8] = [0x0D, 0x0A]
  private static let softLineEnd = [UInt8(ascii: "=")] + lineEnd

  /// Encodes `text`; its line ends (LF, CRLF or CR) become CRLF.
  ///
  /// What mail servers touch at the start of a line is encoded: a dot, which a careless one doubles or takes for the
  /// end, and `From `, which a mailbox file quotes. No scalar is cut by a soft line break.
  static func encode(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + bytes.count / 4)
    var start = 0
    while let end = bytes[start...].firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) {
      encode(line: bytes[start..<end], into: &output)
      output += lineEnd
      start = bytes[end...].starts(with: lineEnd) ? end + 2 : end + 1
    }
    encode(line: bytes[start...], into: &output)
    return output
  }

  private static func encode(line: ArraySlice<UInt8>, into output: inout [UInt8]) {
    var column = 0
    var index = line.startIndex
    while index < line.endIndex {
      let next = index + scalarLength(line[index])
      let isLast = next == line.endIndex
      var isEscaped = mustEscape(line[index], isLast: isLast)
      if column + (isEscaped ? 3 * (next - index) : 1) > (isLast ? longestLine : longestLine - 1) {
        output += softLineEnd
        column = 0
      }
      if column == 0 && isTouched(line[index...]) { isEscaped = true }
      if isEscaped {
        for byte in line[index..<next] { escape(byte, into: &output) }
      } else {
        output.append(line[index])
      }
      column += isEscaped ? 3 * (next - index) : 1
      index = next
    }
  }

  /// Bytes of the scalar that begins with `byte`.
  private static func scalarLength(_ byte: UInt8) -> Int {
    byte < 0x80 ? 1 : (~byte).leadingZeroBitCount
  }

  private static func mustEscape(_ byte: UInt8, isLast: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"): isLast
    case UInt8(ascii: "="): true
    case UInt8(ascii: "!")...UInt8(ascii: "~"): false
    default: true
    }
  }

  /// True if mail servers may change a line that starts like this.
  private static func isTouched(_ rest: ArraySlice<UInt8>) -> Bool {
    rest.first == UInt8(ascii: ".") || rest.starts(with: fromLine)
  }

  private static func escape(_ byte: UInt8, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "="))
    output.append(digits[Int(byte >> 4)])
    output.append(digits[Int(byte & 0xF)])
  }
}
