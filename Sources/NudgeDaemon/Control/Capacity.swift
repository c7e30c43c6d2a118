/// What all clients together may take up of nudged: memory for what they say and are told, turns at what is dear.
///
/// A body or an answer of ordinary size needs nobody's leave, so that large ones never stand in the way of a checkout.
final class Capacity: Sendable {
  /// A body or an answer up to this size, in bytes, needs no share of the memory below, and no turn.
  static let ordinary = 16_384
  /// Memory for what is beyond that in bodies that are being read or recorded, in bytes.
  static let bodyBytes = 64 << 20
  /// The same for answers that their clients have not yet taken.
  static let answerBytes = 64 << 20
  /// Streams of events at once. Each may fill its queue, and together they are one transaction of the writer.
  static let streamsAtOnce = 16
  /// Questions to the database that may take a while: half of its readers, so that the others are free for what is quick.
  static let queriesAtOnce = 2
  /// Questions that may wait for their turn.
  static let queriesInLine = 256
  /// Requests at once that wait for others: for mail servers, for name servers, for many dead letters.
  static let errandsAtOnce = 4

  let bodies: Allowance
  let answers: Allowance
  /// Turns at reading a large JSON text, which may keep a processor busy for a while.
  let reading = Turns(1, line: .max, for: "large bodies")
  private let streams: Turns
  private let queries = Turns(queriesAtOnce, line: queriesInLine, for: "questions")
  private let errands = Turns(errandsAtOnce, line: 0, for: "requests that take long")
  private let backups = Turns(1, line: 0, for: "backups")

  init(bodyBytes: Int = bodyBytes, answerBytes: Int = answerBytes, streams: Int = streamsAtOnce) {
    bodies = Allowance(bodyBytes, free: Self.ordinary)
    answers = Allowance(answerBytes, free: Self.ordinary)
    self.streams = Turns(streams, line: 0, for: "streams of events")
  }

  /// The turns that requests of that sort take; nil if there is no need.
  func turns(for load: Route.Load) -> Turns? {
    switch load {
    case .light, .event: nil
    case .stream: streams
    case .query: queries
    case .errand: errands
    case .backup: backups
    }
  }
}
