import Foundation
import Testing

/// The domain is pure: the same arguments give the same answer, at once.
@Suite("The domain") struct DomainTests {
  /// What would let the outside in, and what to do instead.
  static let banned: [(pattern: String, instead: String)] = [
    (#"\bimport\b"#, "the domain imports nothing"),
    (#"\bDate\b|\.now\b|\bnow\(\)|Clock\b|clock_gettime|gettimeofday"#, "take `now` as an argument"),
    (
      #"\.random\b|randomElement|shuffled\(|SystemRandomNumberGenerator|Hasher\("#,
      "take the random number as an argument"
    ),
    (#"\basync\b|\bawait\b|\bTask\b"#, "decide at once; the shell waits"),
    (#"\bprint\(|\bFileManager\b|\breadLine\("#, "return a value; the shell acts"),
    (#"\bstatic var\b|nonisolated\(unsafe\)"#, "no state outside the arguments"),
  ]

  @Test("touches neither clock, randomness, I/O nor Foundation")
  func purity() throws {
    for source in try Source.all(under: "Sources/NudgeDomain") {
      for (number, line) in source.code.enumerated() {
        for rule in Self.banned {
          let isClean = try Regex(rule.pattern).firstMatch(in: line) == nil
          #expect(isClean, "\(source.path):\(number + 1): \(line) – \(rule.instead)")
        }
      }
    }
  }
}
