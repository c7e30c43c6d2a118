/// What the command line asks for.
struct Arguments {
  static let usage = """
    usage: nudge-simulate [--seeds A..B | --seed N | --controls] [--jobs N] [--kept FILE] [--verbose]
      --seeds A..B  lives through these seeds (1..1000), after those that once failed
      --seed N      lives through one seed, and prints the hash of what was seen
      --controls    looks whether the judge sees the mistakes that are made on purpose
      --spoiled-by NAME  with --seed: makes that mistake
      --verbose     with --seed: prints all that was seen
      --jobs N      so many processes at a time (1)
      --kept FILE   the seeds that once failed, one a line
    """

  var seeds: ClosedRange<UInt64> = 1...1_000
  var isSingle = false
  var isVerbose = false
  var isControl = false
  var sabotage: Sabotage?
  var jobs: UInt64 = 1
  var kept: String?
  /// Which of the jobs this process is; nil for the one that starts them.
  var worker: UInt64?

  /// Nil if that is no command line.
  init?(_ words: [String]) {
    var words = words[...]
    while let word = words.popFirst() {
      switch word {
      case "--verbose": isVerbose = true
      case "--controls": isControl = true
      case "--spoiled-by":
        guard let name = words.popFirst().flatMap({ Sabotage(rawValue: $0) }) else { return nil }
        sabotage = name
      case "--seeds":
        let bounds = (words.popFirst() ?? "").split(separator: ".").compactMap { UInt64($0) }
        guard bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
        seeds = bounds[0]...bounds[1]
      case "--seed":
        guard let seed = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
        seeds = seed...seed
        isSingle = true
      case "--jobs":
        guard let number = words.popFirst().flatMap({ UInt64($0) }), number > 0 else { return nil }
        jobs = number
      case "--kept":
        guard let file = words.popFirst() else { return nil }
        kept = file
      case "--worker":
        guard let number = words.popFirst().flatMap({ UInt64($0) }) else { return nil }
        worker = number
      default: return nil
      }
    }
  }
}
