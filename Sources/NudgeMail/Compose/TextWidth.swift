/// How many columns text takes where every letter is equally wide: two for East Asian letters and emoji.
enum TextWidth {
  static func of(_ text: String) -> Int {
    isPlain(text.utf8) ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
  }

  /// Most text that is measured is ASCII, and need not be looked at letter by letter.
  private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { $0 >= visibleASCII && $0 < 0x80 }
  }

  /// `text` in lines of at most `width` columns, broken at spaces where that is possible; any run of white space
  /// counts as one space.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    if isPlain(text.utf8) { return wrappedPlain(Array(text.utf8), to: width) }
    var lines = [""]
    for word in text.split(whereSeparator: \.isWhitespace) {
      for piece in cut(word, to: width) {
        let line = lines[lines.count - 1]
        if line.isEmpty {
          lines[lines.count - 1] = piece
        } else if of(line) + 1 + of(piece) <= width {
          lines[lines.count - 1] = "\(line) \(piece)"
        } else {
          lines.append(piece)
        }
      }
    }
    return lines
  }

  /// The same for ASCII.
  private static func wrappedPlain(_ text: [UInt8], to width: Int) -> [String] {
    var lines: [UInt8] = []
    wrapPlain(text[...], to: width, into: &lines)
    return lines.split(separator: lineFeed, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// Writes the lines, with a line feed between them, byte by byte.
  private static func wrapPlain(_ text: ArraySlice<UInt8>, to width: Int, into lines: inout [UInt8]) {
    let width = max(width, 1)
    var column = 0
    var rest = text
    while let start = rest.firstIndex(where: { $0 != visibleASCII }) {
      // A word, or as much of it as a line holds.
      let longest = rest[start...].prefix(width)
      let piece = longest.prefix { $0 != visibleASCII }
      if column > 0 {
        let fits = column + 1 + piece.count <= width
        lines.append(fits ? visibleASCII : lineFeed)
        column = fits ? column + 1 : 0
      }
      lines += piece
      column += piece.count
      rest = rest[piece.endIndex...]
    }
  }

  /// `text` with its lines wrapped that are longer than `width`. Links stay whole. A line ends with a line feed alone.
  ///
  /// - Parameter text: UTF-8, as is what is returned.
  static func wrappedLines(of text: [UInt8], to width: Int) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var start = 0
    while start <= text.count {
      let end = lineEnd(in: text[start...])
      let line = text[start..<end]
      if line.count <= width || line.starts(with: link) {
        result += line
      } else if isPlain(line) {
        wrapPlain(line, to: width, into: &result)
      } else {
        let text = String(decoding: line, as: UTF8.self)
        result += (of(text) <= width ? text : wrapped(text, to: width).joined(separator: "\n")).utf8
      }
      if end < text.count { result.append(lineFeed) }
      start = end + 1
    }
    return result
  }

  private static let link = Array("http".utf8)
  private static let lineFeed = UInt8(ascii: "\n")

  /// Where the next line feed is that is no part of a CRLF, or the end.
  private static func lineEnd(in text: ArraySlice<UInt8>) -> Int {
    var rest = text
    while let end = rest.firstIndex(of: lineFeed) {
      if end == text.startIndex || text[end - 1] != UInt8(ascii: "\r") { return end }
      rest = rest[(end + 1)...]
    }
    return text.endIndex
  }

  /// A word in pieces that fit a line.
  private static func cut(_ word: Substring, to width: Int) -> [String] {
    if word.utf8.count <= width, isPlain(word.utf8) { return [String(word)] }
    var pieces = [""]
    var column = 0
    for character in word {
      let columns = self.width(of: character)
      if column + columns > width && column > 0 {
        pieces.append("")
        column = 0
      }
      pieces[pieces.count - 1].append(character)
      column += columns
    }
    return pieces
  }

  private static func width(of character: Character) -> Int {
    if let ascii = character.asciiValue { return ascii >= visibleASCII ? 1 : 0 }
    let first = character.unicodeScalars[character.unicodeScalars.startIndex]
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let isEmoji = first.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}")
    return isEmoji || wide.contains { $0.contains(first.value) } ? 2 : 1
  }

  /// From here on ASCII is no control character; DEL is in no text that people write.
  private static let visibleASCII: UInt8 = 0x20
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD,
  ]
}
