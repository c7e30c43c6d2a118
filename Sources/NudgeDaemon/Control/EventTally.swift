import NudgeAPI

/// What became of the lines of a stream.
struct EventTally: Sendable {
  var accepted = 0
  var rejected = Rejections()

  var json: JSON {
    EventsReply(accepted: accepted, rejected: rejected.inOrder, rejectedMore: rejected.more).json
  }
}

/// The rejected lines of a stream: the first ones with their problems, the others as a count.
struct Rejections: Sendable {
  /// Rejections that are remembered and listed.
  static let listed = 10_000

  private var list: [EventsReply.Rejection] = []
  private(set) var more = 0

  var inOrder: [EventsReply.Rejection] { list.sorted { $0.line < $1.line } }

  mutating func add(_ rejection: EventsReply.Rejection) {
    if list.count < Self.listed { list.append(rejection) } else { more += 1 }
  }

  mutating func merge(_ other: Rejections) {
    for rejection in other.list { add(rejection) }
    more += other.more
  }
}
