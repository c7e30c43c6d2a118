/// Keeps mail addresses out of the log.
enum Redaction {
  /// `text` with `<address>` in place of every word that has an `@` in it.
  static func withoutAddresses(_ text: String) -> String {
    var result = ""
    var word = ""
    for character in text {
      if isPartOfAddress(character) {
        word.append(character)
      } else {
        result += hidden(word) + String(character)
        word = ""
      }
    }
    return result + hidden(word)
  }

  private static func hidden(_ word: String) -> String { word.contains("@") ? "<address>" : word }

  /// Generous: a letter too many hidden is no loss.
  private static func isPartOfAddress(_ character: Character) -> Bool {
    !character.isWhitespace && !"<>()[],;:\"".contains(character)
  }
}
