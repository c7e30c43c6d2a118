/// The word that somebody probably meant.
enum Suggestion {
  /// The known word nearest to `word`, if it is near: two slips, or a third of its letters.
  static func nearest(to word: String, among known: [String]) -> String? {
    let ranked = known.map { (word: $0, slips: slips(from: word, to: $0)) }
    guard let best = ranked.min(by: { $0.slips < $1.slips }) else { return nil }
    return best.slips <= max(2, best.word.count / 3) ? best.word : nil
  }

  /// How many letters must be put in, left out or exchanged to make one word of the other.
  private static func slips(from left: String, to right: String) -> Int {
    let right = Array(right.lowercased())
    var row = Array(0...right.count)
    for (i, letter) in left.lowercased().enumerated() {
      var next = [i + 1]
      for (j, other) in right.enumerated() {
        next.append(min(row[j] + (letter == other ? 0 : 1), row[j + 1] + 1, next[j] + 1))
      }
      row = next
    }
    return row[right.count]
  }
}
