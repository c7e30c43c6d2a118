/// How many columns text takes where every letter is equally wide: two for East Asian letters and emoji.
enum TextWidth {
  static func of(_ text: String) -> Int {
    isPlain(text.utf8) ? text.utf8.count : text.reduce(0) { $0 + width(of: $1) }
  }

  /// Most text that is measured is ASCII, and need not be looked at letter by letter.
  private static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
    bytes.allSatisfy { $0 >= visibleASCII && $0 < 0x80 }
  }

  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - of(text)))
  }

  /// `text` in lines of at most `width` columns, broken at spaces where that is possible; any run of white space
  /// counts as one space.
  static func wrapped(_ text: String, to width: Int) -> [String] {
    if isPlain(text.utf8) { return wrappedPlain(text.utf8, to: width) }
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

  /// The same for ASCII, byte by byte.
  private static func wrappedPlain(_ text: String.UTF8View, to width: Int) -> [String] {
    var lines: [String] = []
    var line: [UInt8] = []
    for word in text.split(separator: visibleASCII) {
      var rest = word
      while !rest.isEmpty {
        let piece = rest.prefix(max(width, 1))
        rest = rest.dropFirst(piece.count)
        if !line.isEmpty && line.count + 1 + piece.count > width {
          lines.append(String(decoding: line, as: UTF8.self))
          line = []
        }
        if !line.isEmpty { line.append(visibleASCII) }
        line += piece
      }
    }
    return lines + [String(decoding: line, as: UTF8.self)]
  }

  /// `text` with its lines wrapped that are longer than `width`. Links stay whole. A line ends with a line feed alone.
  static func wrappedLines(of text: String, to width: Int) -> String {
    let lineFeed = UInt8(ascii: "\n")
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = 0
    while start <= bytes.count {
      let end = lineEnd(in: bytes[start...])
      let line = bytes[start..<end]
      if line.count <= width || line.starts(with: link) {
        result += line
      } else {
        let text = String(decoding: line, as: UTF8.self)
        result += (of(text) <= width ? text : wrapped(text, to: width).joined(separator: "\n")).utf8
      }
      if end < bytes.count { result.append(lineFeed) }
      start = end + 1
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let link = Array("http".utf8)

  /// Where the next line feed is that is no part of a CRLF, or the end.
  private static func lineEnd(in bytes: ArraySlice<UInt8>) -> Int {
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let isAfterReturn = index > bytes.startIndex && bytes[index - 1] == UInt8(ascii: "\r")
      if bytes[index] == UInt8(ascii: "\n") && !isAfterReturn { return index }
      index += 1
    }
    return index
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
