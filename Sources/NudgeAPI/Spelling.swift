/// Finds what somebody may have meant.
enum Spelling {
  /// Names further apart than this many edits are not taken for a typo.
  private static let editsAtMost = 2
  /// A name longer than this is cut in a sentence.
  private static let charactersShown = 64

  static func complaint(about name: String, known: [String]) -> String {
    guard name.utf8.count <= charactersShown, let near = nearest(to: name, in: known) else {
      return "is not a known field"
    }
    return "is not a known field; did you mean \"\(near)\"?"
  }

  /// The known word nearest to `word`, written without case, hyphens and underscores; nil if none is near.
  static func nearest(to word: String, in known: [String]) -> String? {
    let plainWord = plain(word)
    let near = known.map { ($0, edits(plainWord, plain($0))) }.min { $0.1 < $1.1 }
    guard let (candidate, distance) = near, distance <= min(editsAtMost, plainWord.count / 2) else { return nil }
    return candidate
  }

  private static func plain(_ word: String) -> [Character] {
    word.lowercased().filter { $0 != "_" && $0 != "-" }.map { $0 }
  }

  /// Levenshtein's distance.
  private static func edits(_ a: [Character], _ b: [Character]) -> Int {
    var row = Array(0...b.count)
    for (i, x) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        let substituted = diagonal + (x == y ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }
}
