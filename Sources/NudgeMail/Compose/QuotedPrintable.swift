/// RFC 2045, section 6.7: text as lines of at most 76 ASCII characters.
enum QuotedPrintable {
  /// Characters in a line, the `=` of a soft line break included.
  static let longestLine = 76
  /// Bytes that a text may grow by without the output being moved: a long line is given room for its worst.
  private static let slack = 4_096

  /// Encodes `text`; its line ends (LF, CRLF or CR) become CRLF.
  ///
  /// What mail servers touch at the start of a line is encoded: a dot, which a careless one doubles or takes for the
  /// end, and `From `, which a mailbox file quotes. No scalar is cut by a soft line break.
  static func encode(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    encode(Array(text.utf8), into: &output)
    return output
  }

  /// - Parameter text: UTF-8.
  static func encode(_ text: [UInt8], into output: inout [UInt8]) {
    output.reserveCapacity(output.count + text.count + text.count / 4 + slack)
    text.withUnsafeBufferPointer { text in
      var start = 0
      while let end = text.firstIndex(from: start, below: carriageReturn + 1, where: endsLine) {
        encode(text, start..<end, into: &output)
        output.append(carriageReturn)
        output.append(lineFeed)
        let isPair = text[end] == carriageReturn && end + 1 < text.count && text[end + 1] == lineFeed
        start = end + (isPair ? 2 : 1)
      }
      encode(text, start..<text.count, into: &output)
    }
  }

  private static let carriageReturn = UInt8(ascii: "\r")
  private static let lineFeed = UInt8(ascii: "\n")

  private static func endsLine(_ byte: UInt8) -> Bool { byte == carriageReturn || byte == lineFeed }

  private static func encode(_ text: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, into output: inout [UInt8]) {
    guard !line.isEmpty else { return }
    output.append(addingCapacity: QuotedLine.mostBytes(for: line.count)) { span in
      span.withUnsafeMutableBufferPointer { room, count in
        count = QuotedLine.encode(text, line, to: room.baseAddress! + count) + count
      }
    }
  }
}

/// One line of a text while it is encoded: as one line or more, with soft breaks between them.
private struct QuotedLine {
  private let text: UnsafeBufferPointer<UInt8>
  private let end: Int
  private let output: UnsafeMutablePointer<UInt8>
  private var index: Int
  private var written = 0
  private var column = 0

  /// Room for any line of so many bytes: three for each, three for each soft break, which comes after 64 columns at the
  /// earliest, and eight to copy into.
  static func mostBytes(for count: Int) -> Int { 4 * count + 16 }

  /// Encodes `line` of `text` and returns how many bytes that took.
  static func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ line: Range<Int>, to output: UnsafeMutablePointer<UInt8>
  ) -> Int {
    var line = QuotedLine(text: text, end: line.upperBound, output: output, index: line.lowerBound)
    while line.index < line.end {
      if line.column > 0 || !line.isTouched { line.copyPlain() }
      line.encodeScalar()
    }
    return line.written
  }

  private init(text: UnsafeBufferPointer<UInt8>, end: Int, output: UnsafeMutablePointer<UInt8>, index: Int) {
    self.text = text
    self.end = end
    self.output = output
    self.index = index
  }

  /// Copies what stands for itself, without the line's last byte, whose rules are others: eight bytes at a time, because
  /// it is most of a mail. What is left of fewer is written scalar by scalar.
  private mutating func copyPlain() {
    var room = min(end - 1 - index, QuotedPrintable.longestLine - 1 - column)
    while room > 0, index + EightBytes.count <= text.count {
      let bytes = EightBytes(at: text.baseAddress! + index)
      UnsafeMutableRawPointer(output + written).storeBytes(of: bytes.word.littleEndian, as: UInt64.self)
      let escaped = bytes.marks(below: UInt8(ascii: " ")) | bytes.marks(of: UInt8(ascii: "=")) | bytes.marks(from: 0x7F)
      let count = min(escaped.leading, room)
      (index, written, column, room) = (index + count, written + count, column + count, room - count)
      if !escaped.isEmpty { return }
    }
  }

  private mutating func encodeScalar() {
    let count = min(Self.scalarLength(text[index]), end - index)
    let isLast = index + count == end
    var isEscaped = Self.mustEscape(text[index], isLast: isLast)
    if column + (isEscaped ? 3 * count : 1) > QuotedPrintable.longestLine - (isLast ? 0 : 1) {
      breakSoftly()
    }
    if column == 0 && isTouched { isEscaped = true }
    for byte in text[index..<index + count] { if isEscaped { escape(byte) } else { write(byte) } }
    column += isEscaped ? 3 * count : 1
    index += count
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
  private var isTouched: Bool {
    switch text[index] {
    case UInt8(ascii: "."): true
    case UInt8(ascii: "F"): text[index..<end].starts(with: "From ".utf8)
    default: false
    }
  }

  private mutating func breakSoftly() {
    write(UInt8(ascii: "="))
    write(UInt8(ascii: "\r"))
    write(UInt8(ascii: "\n"))
    column = 0
  }

  private mutating func escape(_ byte: UInt8) {
    write(UInt8(ascii: "="))
    write(Self.digit(byte >> 4))
    write(Self.digit(byte & 0xF))
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value + (value < 10 ? UInt8(ascii: "0") : UInt8(ascii: "A") - 10)
  }

  private mutating func write(_ byte: UInt8) {
    output[written] = byte
    written += 1
  }
}
