/// What is kept of a server's words: characters. Errors are kept in the ledger, where people look for the whole answer.
let longestErrorText = 1_000

/// A server's words as one short line: whatever is no visible character becomes a space, spaces in a row become one.
func errorText(_ words: some StringProtocol) -> String {
  if words.utf8.count <= longestErrorText, words.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
    return String(words)
  }
  let scalars = words.unicodeScalars.prefix(4 * longestErrorText).map { scalar -> Character in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .unassigned, .privateUse: " "
    default: Character(scalar)
    }
  }
  let text = scalars.split(separator: " ").map { String($0) }.joined(separator: " ")
  return text.count <= longestErrorText ? text : text.prefix(longestErrorText - 1) + "…"
}
