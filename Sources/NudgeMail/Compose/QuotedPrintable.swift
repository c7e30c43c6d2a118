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
    var output: [UInt8] = []
    encode(text, into: &output)
    return output
  }

  static func encode(_ text: String, into output: inout [UInt8]) {
    var text = text
    text.withUTF8 { bytes in
      output.reserveCapacity(output.count + bytes.count + bytes.count / 4)
      var rest = bytes[...]
      while let end = rest.firstIndex(where: { $0 == 0x0D || $0 == 0x0A }) {
        encode(line: rest[..<end], into: &output)
        output += lineEnd
        rest = rest[(rest[end...].starts(with: lineEnd) ? end + 2 : end + 1)...]
      }
      encode(line: rest, into: &output)
    }
  }

  private typealias Bytes = Slice<UnsafeBufferPointer<UInt8>>

  private static func encode(line: Bytes, into output: inout [UInt8]) {
    var column = 0
    var rest = line
    while !rest.isEmpty {
      if column > 0 || !isTouched(rest) {
        let plain = plainStart(of: rest, room: longestLine - 1 - column)
        output.append(contentsOf: UnsafeBufferPointer(rebasing: plain))
        column += plain.count
        rest = rest[plain.endIndex...]
      }
      encodeScalar(of: &rest, at: &column, into: &output)
    }
  }

  /// What stands for itself, without the line's last byte, whose rules are others: written in one go, because it is most
  /// of a mail.
  private static func plainStart(of rest: Bytes, room: Int) -> Bytes {
    let candidates = rest.dropLast().prefix(room)
    return candidates[..<(candidates.firstIndex { mustEscape($0, isLast: false) } ?? candidates.endIndex)]
  }

  private static func encodeScalar(of rest: inout Bytes, at column: inout Int, into output: inout [UInt8]) {
    let scalar = rest.prefix(scalarLength(rest[rest.startIndex]))
    let isLast = scalar.endIndex == rest.endIndex
    var isEscaped = mustEscape(scalar[scalar.startIndex], isLast: isLast)
    if column + (isEscaped ? 3 * scalar.count : 1) > (isLast ? longestLine : longestLine - 1) {
      output += softLineEnd
      column = 0
    }
    if column == 0 && isTouched(rest) { isEscaped = true }
    if isEscaped {
      for byte in scalar { escape(byte, into: &output) }
    } else {
      output += scalar
    }
    column += isEscaped ? 3 * scalar.count : 1
    rest = rest[scalar.endIndex...]
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
  private static func isTouched(_ rest: Bytes) -> Bool {
    rest.first == UInt8(ascii: ".") || rest.starts(with: fromLine)
  }

  private static func escape(_ byte: UInt8, into output: inout [UInt8]) {
    output.append(UInt8(ascii: "="))
    output.append(digits[Int(byte >> 4)])
    output.append(digits[Int(byte & 0xF)])
  }
}
