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
  /// And only as long as their texts are no longer than this together, in bytes.
  static let listedBytes = 4 << 20

  private var list: [EventsReply.Rejection] = []
  private var bytes = 0
  private(set) var more = 0

  var inOrder: [EventsReply.Rejection] { list.sorted { $0.line < $1.line } }

  mutating func add(_ rejection: EventsReply.Rejection) {
    bytes += rejection.problem.textBytes
    if list.count < Self.listed, bytes <= Self.listedBytes, more == 0 { list.append(rejection) } else { more += 1 }
  }

  mutating func merge(_ other: Rejections) {
    for rejection in other.list { add(rejection) }
    more += other.more
  }
}

extension Problem {
  /// About as many bytes as it takes up in an answer.
  fileprivate var textBytes: Int {
    errors.reduce(detail.utf8.count) { $0 + $1.pointer.utf8.count + $1.detail.utf8.count }
  }
}
