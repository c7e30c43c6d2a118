import Foundation
import NudgeDaemon
import NudgeMail
import SimulationModel

/// Plays Amazon SES: takes letters, or not, and answers, or not.
final class Provider: Sendable {
  /// What becomes of one letter.
  enum Fate: CaseIterable, Sendable {
    case taken, takenSlowly
    case throttled
    case quota, sendingPaused, forbidden
    case refused
    case tooMuch
    case serverError, serverErrorTaken
    case silence, silenceTaken
    case lost, lostTaken
    case garbageTaken

    static let foul = allCases.filter { $0 != .taken }

    var isTaken: Bool {
      switch self {
      case .taken, .takenSlowly, .serverErrorTaken, .silenceTaken, .lostTaken, .garbageTaken: true
      default: false
      }
    }

    var verdict: Verdict {
      switch self {
      case .taken, .takenSlowly: .accepted
      case .throttled: .throttled
      case .quota, .sendingPaused, .forbidden: .held
      case .refused: .refused
      case .tooMuch: .deferred
      default: .unknown
      }
    }
  }

  /// What the account may do.
  struct Quota: Sendable {
    var perSecond: Int
    /// Nil is no limit.
    var perDay: Int?
  }

  /// The connection ended without an answer.
  struct Lost: Error {}
  /// There was no connection.
  struct Unreachable: Error {}

  /// How many of a hundred letters meet something foul; which fates that is.
  nonisolated(unsafe) var foulness = 0
  nonisolated(unsafe) var fates = Fate.foul
  nonisolated(unsafe) var isReachable = true
  /// How long it takes at most until a letter may leave, in milliseconds.
  nonisolated(unsafe) var connecting = Provider.soon
  nonisolated(unsafe) var quota: Quota
  /// When it took mails, in milliseconds of true time.
  nonisolated(unsafe) private var taken: [Int64] = []
  private let dice: Dice
  private let journal: Journal
  private let sabotage: Sabotage?
  nonisolated(unsafe) private var count = 0

  init(_ dice: Dice, _ journal: Journal, spoiledBy sabotage: Sabotage?) {
    self.sabotage = sabotage
    self.dice = dice
    self.journal = journal
    quota = Quota(perSecond: dice.pick([1, 2, 14]), perDay: dice.pick([nil, 2, 5, 30]))
  }

  /// A connection that is there.
  static let soon: Int64 = 20
  /// As long as nudged waits for an answer: milliseconds.
  private static let patience: Int64 = 60_000

  /// One request of a life on its way to the server and back. What a dead life asks leads nowhere.
  func carry(_ parcel: SESNetwork.Parcel, for life: Life) async throws -> SESNetwork.Answer {
    try await life.wait(dice.number(0...connecting))
    guard isReachable else {
      journal.count(.unreachable)
      throw Unreachable()
    }
    if parcel.method == "GET" { return try await account(of: life) }
    life.passes(.beforeHandOver)
    guard life.isAlive else { throw Lost() }
    let body: [UInt8]
    do {
      body = try await parcel.leave()
    } catch {
      journal.count(.recalled)
      throw error
    }
    let (number, recipient) = begin(body, of: life)
    let fate = fate(of: recipient)
    life.passes(.afterLeaving)
    guard life.isAlive else {
      if dice.happens(50) { take(number) }
      throw Lost()
    }
    if fate.isTaken { take(number) }
    life.passes(.afterTaking)
    return try await answer(number, fate, of: life)
  }

  /// Answers how much may be sent, or does not.
  private func account(of life: Life) async throws -> SESNetwork.Answer {
    let isFoul = dice.happens(foulness)
    try await life.wait(isFoul ? Self.patience : dice.number(2...100))
    guard life.isAlive, !isFoul else { throw Lost() }
    let now = journal.now
    taken.removeAll { $0 <= now - Self.day }
    journal.count(.quotas)
    journal.saw(.quotaTold(perDay: quota.perDay, sentLastDay: taken.count))
    let perDay = (sabotage.map { $0.told(perDay: quota.perDay) } ?? quota.perDay) ?? -1
    let text = """
      {"SendQuota": {"Max24HourSend": \(perDay), "MaxSendRate": \(quota.perSecond), \
      "SentLast24Hours": \(taken.count)}, "SendingEnabled": true, "ProductionAccessEnabled": true}
      """
    return .init(status: 200, body: Array(text.utf8))
  }

  private static let day: Int64 = 24 * 3_600_000

  private func take(_ number: Int) {
    taken.append(journal.now)
    journal.count(.mails)
    journal.saw(.mailTaken(number: number))
  }

  /// To these addresses nothing ever goes.
  static let refusedPrefix = "refused"

  private func fate(of recipient: String) -> Fate {
    if recipient.lowercased().hasPrefix(Self.refusedPrefix) { return .refused }
    return dice.happens(foulness) ? dice.pick(fates) : .taken
  }

  private func begin(_ body: [UInt8], of life: Life) -> (number: Int, recipient: String) {
    count += 1
    journal.count(.handOvers)
    guard var handOver = Postmark.read(body, number: count) else {
      journal.complain("a letter that cannot be read")
      return (count, "")
    }
    handOver.isInLedger = life.ledgerHas(handOver.attempt)
    journal.saw(.handOverBegan(handOver))
    return (count, handOver.recipient)
  }

  private func answer(_ number: Int, _ fate: Fate, of life: Life) async throws -> SESNetwork.Answer {
    switch fate {
    case .silence, .silenceTaken: try await life.wait(Self.patience)
    case .takenSlowly:
      journal.count(.slow)
      try await life.wait(dice.number(1_000...50_000))
    default: try await life.wait(dice.skewed(2...400))
    }
    guard life.isAlive else { throw Lost() }
    journal.count(Self.happening(fate))
    if fate.isTaken && fate.verdict == .unknown { journal.count(.takenUnknown) }
    journal.saw(.handOverEnded(number: number, fate.verdict))
    switch sabotage?.told(fate) ?? fate {
    case .taken, .takenSlowly: return .init(status: 200, body: Array(#"{"MessageId":"ses-\#(number)"}"#.utf8))
    case .throttled: return failure(429, "TooManyRequestsException", "Too many requests")
    case .quota: return failure(400, "LimitExceededException", "Daily message quota exceeded.")
    case .sendingPaused: return failure(400, "SendingPausedException", "Sending is paused")
    case .forbidden: return failure(403, "AccessDeniedException", "Not you")
    case .refused: return failure(400, "MessageRejected", "Email address is on the suppression list")
    case .tooMuch: return failure(400, "SomethingElseException", "Not like this")
    case .serverError, .serverErrorTaken: return failure(500, "InternalFailure", "Something went wrong")
    case .garbageTaken: return .init(status: 200, body: Array("<html>no json here</html>".utf8))
    case .silence, .silenceTaken, .lost, .lostTaken: throw Lost()
    }
  }

  private func failure(_ status: Int, _ name: String, _ text: String) -> SESNetwork.Answer {
    .init(
      status: status, errorType: "\(name):http://internal.amazon.com/", body: Array(#"{"message":"\#(text)"}"#.utf8))
  }

  private static func happening(_ fate: Fate) -> Happening {
    switch fate.verdict {
    case .accepted: .accepted
    case .deferred: .deferred
    case .throttled: .throttled
    case .held: .held
    case .refused: .refused
    case .unknown: .unknown
    }
  }
}
