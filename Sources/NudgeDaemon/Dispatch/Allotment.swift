import NudgeDomain
import NudgeMail

/// What `rate: auto` knows of the provider's quota, and when it asks. A value; it is told the time.
///
/// It keeps below nine tenths of what the provider allows, a second and a day, because others may send on the same
/// account, and because the provider's second begins when it likes.
struct Allotment: Hashable, Sendable {
  static let share = 0.9
  /// What every account may do, in mails per second: this holds until the provider has said more.
  static let safeRate = 1.0
  /// From one answer to the next question.
  static let interval = Duration.seconds(300)
  /// The least time between two questions; the first wait after one that was not answered.
  static let shortestWait = Duration.seconds(30)
  static let longestWait = Duration.seconds(900)
  /// The provider counts what was sent in the last 24 hours. An answer that is older says nothing of them.
  static let day = Duration.seconds(86_400)

  /// What a change of what is known is worth saying.
  enum News: Hashable, Sendable {
    /// The provider says nothing, for that reason.
    case silent(String)
    /// It says something again.
    case answers
    /// Nothing more may go out today.
    case usedUp(String)
    case roomAgain
  }

  private(set) var quota: SendingQuota?
  /// When the answer was asked for.
  private(set) var answeredAt: Uptime?
  /// When the provider is asked next.
  private(set) var askAt: Uptime
  private(set) var isAsking = false
  /// From when nothing may go out because the day's share is used up.
  private(set) var usedUpSince: Uptime?
  /// What was handed over that the answer does not count.
  private var uncounted = 0
  private var askedAt: Uptime?
  /// The same for the answer that is awaited.
  private var uncountedSinceAsking = 0
  private var wait: Duration?

  init(now: Uptime) {
    askAt = now
  }

  /// Goes on with what an earlier run knew.
  ///
  /// - Parameter handedOver: what went out since.
  init(_ quota: SendingQuota, answeredAt: Uptime, handedOver: Int, now: Uptime) {
    self.init(now: now)
    self.quota = quota
    self.answeredAt = answeredAt
    uncounted = max(0, handedOver)
  }

  /// The share of the rate, in mails per second.
  var perSecond: Double { Self.share * (quota?.perSecond ?? Self.safeRate) }

  /// The share of the day's quota; nil is no limit.
  var perDay: Int? { quota?.perDay.map { Int(Self.share * Double($0)) } }

  /// What of it is used: the provider's count, and what went out since.
  var usedToday: Int { (quota?.sentLastDay ?? 0) + uncounted }

  /// How many may still go out, as far as the day's quota says.
  func dayRoom(now: Uptime) -> Int {
    guard let perDay, let answeredAt, now.since(answeredAt) < Self.day else { return .max }
    return max(0, perDay - usedToday)
  }

  mutating func take() {
    uncounted += 1
    uncountedSinceAsking += 1
  }

  func mayAsk(now: Uptime) -> Bool { !isAsking && now >= askAt }

  /// - Parameter inFlight: hand-overs that the provider may or may not have counted when it answers.
  mutating func beginAsking(inFlight: Int, now: Uptime) {
    isAsking = true
    askedAt = now
    uncountedSinceAsking = inFlight
  }

  /// The same, with another sender to ask, now.
  func askingAnew(now: Uptime) -> Allotment {
    var next = self
    next.isAsking = false
    next.askAt = now
    return next
  }

  /// The server found us too fast: perhaps it allows less than it did.
  mutating func askSoon(now: Uptime) {
    askAt = min(askAt, max(now, (askedAt ?? now).advanced(by: Self.shortestWait)))
  }

  /// Takes the answer in.
  ///
  /// - Returns: what is new about the provider's answering.
  mutating func learn(_ answer: QuotaAnswer?, now: Uptime) -> News? {
    isAsking = false
    let wasSilent = wait != nil
    switch answer {
    case .known(let quota):
      self.quota = quota
      answeredAt = askedAt
      uncounted = uncountedSinceAsking
      wait = nil
      askAt = now.advanced(by: Self.interval)
      return wasSilent ? .answers : nil
    case .unavailable(let error):
      return beSilent(error, now: now)
    case nil:
      return beSilent("this transport has nobody to ask", now: now)
    }
  }

  private mutating func beSilent(_ error: String, now: Uptime) -> News? {
    let wasSilent = wait != nil
    let next = wait.map { min($0 * 2, Self.longestWait) } ?? Self.shortestWait
    wait = next
    askAt = now.advanced(by: next)
    return wasSilent ? nil : .silent(error)
  }

  /// Notices that the day's share is used up, or that there is room again; once each.
  mutating func look(now: Uptime) -> News? {
    let isUsedUp = dayRoom(now: now) == 0
    guard isUsedUp != (usedUpSince != nil) else { return nil }
    usedUpSince = isUsedUp ? now : nil
    return isUsedUp ? .usedUp(usedUpReason) : .roomAgain
  }

  /// For the log and for `status`.
  var usedUpReason: String {
    let (day, share) = (quota?.perDay ?? 0, perDay ?? 0)
    return "the day's quota is used up: \(usedToday) mails in 24 hours, of \(day) we use \(share)"
  }
}
