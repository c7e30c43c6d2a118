import Foundation
import Glibc

/// The terminal that standard output may be.
enum Terminal {
  /// Fewer are of no use: such a terminal has not said how wide it is.
  private static let fewest = 20

  /// Nil if standard output is none, or nobody knows how wide it is.
  static let columns: Int? = {
    guard Output.isTerminal else { return nil }
    var size = winsize()
    if ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, Int(size.ws_col) >= fewest { return Int(size.ws_col) }
    let said = ProcessInfo.processInfo.environment["COLUMNS"].flatMap { Int($0) }
    return said.flatMap { $0 >= fewest ? $0 : nil }
  }()
}

/// Text made to fit.
enum Wrapping {
  /// A line in lines of at most so many columns, broken at spaces where there are any; what the line was indented by, its
  /// parts are.
  static func lines(of line: String, columns: Int?) -> [String] {
    guard let columns, DisplayWidth.of(line) > columns else { return [line] }
    let indent = String(line.prefix { $0 == " " })
    let room = columns - indent.count
    guard room > 0 else { return [line] }
    var lines = [""]
    for word in line.dropFirst(indent.count).split(separator: " ", omittingEmptySubsequences: false) {
      for piece in pieces(of: word, columns: room) {
        let current = lines[lines.count - 1]
        if current.isEmpty {
          lines[lines.count - 1] = piece
        } else if DisplayWidth.of(current) + 1 + DisplayWidth.of(piece) <= room {
          lines[lines.count - 1] = "\(current) \(piece)"
        } else {
          lines.append(piece)
        }
      }
    }
    return lines.map { indent + $0 }
  }

  /// A word, cut only if no line has room for it. A link stays whole, so that it can be followed.
  private static func pieces(of word: Substring, columns: Int) -> [String] {
    guard DisplayWidth.of(String(word)) > columns, !word.contains("://") else { return [String(word)] }
    var pieces: [String] = []
    var rest = word
    while !rest.isEmpty {
      let piece = cut(rest, columns: columns)
      pieces.append(String(piece))
      rest = rest.dropFirst(max(piece.count, 1))
    }
    return pieces
  }

  /// The beginning of a text that takes at most so many columns.
  static func cut(_ text: Substring, columns: Int) -> Substring {
    var width = 0
    return text.prefix { character in
      width += DisplayWidth.of(character)
      return width <= columns
    }
  }
}
