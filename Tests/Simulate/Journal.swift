import SimulationModel

/// What is seen of a run, and how often what happened in it.
final class Journal: Sendable {
  private let time: VirtualTime
  nonisolated(unsafe) private(set) var trace = Trace()
  nonisolated(unsafe) private(set) var counts: [Happening: Int] = [:]
  /// What went wrong in the world itself, not in the eyes of the judge.
  nonisolated(unsafe) private(set) var complaints: [String] = []

  init(_ time: VirtualTime) {
    self.time = time
  }

  /// Milliseconds of true time.
  var now: Int64 { time.elapsed }

  func saw(_ sight: Sight) {
    trace.saw(sight, at: time.instant)
  }

  func count(_ happening: Happening, _ number: Int = 1) {
    counts[happening, default: 0] += number
  }

  func complain(_ text: String) {
    complaints.append("\(text) at \(time.elapsed) ms")
  }

  /// A number that is the same for the same trace: FNV-1a over what each observation says of itself.
  var hash: UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for observation in trace.observations {
      for byte in "\(observation)".utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    }
    return hash
  }
}

/// What can happen in a world, for the summary.
enum Happening: String, CaseIterable, Codable, Sendable {
  case checkouts, orders, imports, resent = "requests sent again", operators = "operators' verbs"
  case crashes, crashBeforeCommit = "  before a commit", crashAfterCommit = "  after a commit"
  case crashBeforeHandOver = "  before a hand-over", crashAfterLeaving = "  as the letter leaves"
  case crashAfterTaking = "  before the mail server's answer"
  case crashBeforeAnswer = "  before the client's answer", crashAfterAnswer = "  after the client's answer"
  case starts, failedStarts = "failed starts", stops = "stops in good order", reloads
  case handOvers = "hand-overs", mails = "mails taken"
  case accepted, throttled, held, refused, deferred, unknown, unreachable = "server unreachable"
  case takenUnknown = "unknown but taken", slow = "slow answers"
  case diskBusy = "disk: busy", diskFull = "disk: full", diskError = "disk: error", commitUnknown =
    "disk: commit unknown"
  case storeFailures = "store given up"
  case clockSteps = "clock steps", farClockSteps = "  by hours and years", suspends, drifts, pauses
  case quotas = "answers about the quota"
  case recalled = "letters taken back", snapshots
  case virtualSeconds = "virtual seconds"
}
