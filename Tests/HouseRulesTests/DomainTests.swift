import Foundation
import Testing

/// The domain is pure: the same arguments give the same answer, at once.
@Suite("The domain") struct DomainTests {
  /// What would let the outside in, and what to do instead.
  static func rules() throws -> [Rule] {
    [
      try Rule(#"\bimport\b"#, hints: ["import"], instead: "the domain imports nothing"),
      try Rule(
        #"\bDate\b|\.now\b|\bnow\(\)|Clock\b|clock_gettime|gettimeofday"#,
        hints: ["Date", "now", "Clock", "clock", "gettime"], instead: "take `now` as an argument"),
      try Rule(
        #"\.random\b|randomElement|shuffled\(|RandomNumberGenerator|Hasher\("#, hints: ["andom", "shuffled", "Hasher"],
        instead: "take the random number as an argument"),
      try Rule(
        #"\basync\b|\bawait\b|\bTask\b"#, hints: ["async", "await", "Task"],
        instead: "decide at once; the shell waits"),
      try Rule(
        #"\bprint\(|\bFileManager\b|\breadLine\("#, hints: ["print", "FileManager", "readLine"],
        instead: "return a value; the shell acts"),
      try Rule(
        #"\bstatic var\b(?!.*\{)|nonisolated\(unsafe\)"#, hints: ["static var", "nonisolated"],
        instead: "no state outside the arguments"),
    ]
  }

  @Test("touches neither clock, randomness, I/O nor Foundation")
  func purity() throws {
    let sources = try Source.all(under: "Sources/NudgeDomain")
    for rule in try Self.rules() {
      let violations = rule.violations(in: sources)
      #expect(violations.isEmpty, "\(violations)")
    }
  }

  @Test("each rule finds what it forbids")
  func positiveControl() throws {
    let forbidden = [
      "import Foundation", "let now = Date()", "Int.random(in: 1...2)", "func f() async {", "print(1)",
      "static var x = 1",
    ]
    for (rule, line) in zip(try Self.rules(), forbidden) {
      #expect(!rule.violations(in: [Source(path: "x", text: line)]).isEmpty, "\(line)")
    }
  }
}
