import Foundation

/// RFC 2047: text that is not plain ASCII in a header.
enum EncodedWord {
  /// Source bytes in one word at most: 60 characters of base64, 72 with what surrounds them.
  static let longestSource = 45
  private static let prefix = "=?utf-8?B?"
  private static let suffix = "?="

  /// Words for `text`, none of them cut within a scalar. The first is at most `first` characters long, if that leaves
  /// room for a scalar.
  static func words(for text: String, first: Int) -> [String] {
    var words: [String] = []
    var chunk: [UInt8] = []
    var room = sourceBytes(in: first)
    for scalar in text.unicodeScalars {
      let bytes = UTF8.encode(scalar)!
      if chunk.count + bytes.count > room && !chunk.isEmpty {
        words.append(word(for: chunk))
        chunk = []
        room = longestSource
      }
      chunk += bytes
    }
    if !chunk.isEmpty { words.append(word(for: chunk)) }
    return words
  }

  /// True if `text` can stand in a header as it is: printable ASCII that no reader takes for an encoded word, and no
  /// space at an end that readers would drop.
  static func isPlain(_ text: String) -> Bool {
    var previous: UInt8?
    for byte in text.utf8 {
      guard (0x20...0x7E).contains(byte), previous != UInt8(ascii: "=") || byte != UInt8(ascii: "?") else {
        return false
      }
      previous = byte
    }
    return text.utf8.first != UInt8(ascii: " ") && previous != UInt8(ascii: " ")
  }

  private static func sourceBytes(in length: Int) -> Int {
    let characters = length - prefix.utf8.count - suffix.utf8.count
    return min(max(characters / 4 * 3, 0), longestSource)
  }

  private static func word(for bytes: [UInt8]) -> String {
    prefix + Data(bytes).base64EncodedString() + suffix
  }
}
