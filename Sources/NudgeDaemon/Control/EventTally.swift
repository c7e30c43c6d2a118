import NudgeAPI

/// What became of the lines of a stream.
struct EventTally: Sendable {
  var accepted = 0
  var rejected = Rejections()

  /// The reply, with a count of those rejections that it does not list, if there are any.
  var json: JSON {
    let reply = EventsReply(accepted: accepted, rejected: rejected.inOrder).json
    guard rejected.more > 0, case .object(let members) = reply else { return reply }
    return .object(members + [.init("rejected_more", JSON(rejected.more))])
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
