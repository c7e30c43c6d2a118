/// Tells the time that is believed, from what the clocks show. A value; it is told the readings.
///
/// The wall clock is believed as long as it goes as the uptime does. A step back, and one ahead within the limit, is
/// believed at once: what measures elapsed time has to be moved by it. One that is larger is doubted: then the time goes
/// on as if the clock had not been set, until the clock comes back or somebody says that it is right. So whatever is
/// written meanwhile is written in the time before the jump, and if the clock comes back, nothing has happened.
package struct ClockWatch: Sendable {
  /// What is smaller is no step: the clock is slewed, or was read late.
  package static let noticeable = Duration.seconds(1)

  /// The wall clock was set.
  package struct Step: Hashable, Sendable {
    /// How far ahead; negative if it was set back. Zero if it was set back between two boots, nobody knows how far.
    package var by: Duration
    /// If it ends a doubt: when that began and ended, in believed time. What was written meanwhile carries a time between the
    /// two and moves along; what was written before the clock was set back may carry one as well, and stays.
    package var during: ClosedRange<Moment>?
    /// From here on times come again that have been written already.
    package var isBack: Bool { by <= .zero }

    package init(by: Duration, during: ClosedRange<Moment>? = nil) {
      self.by = by
      self.during = during
    }
  }

  /// The wall clock is too far ahead to be believed.
  package struct Doubt: Hashable, Sendable {
    /// The believed time when it began.
    package var since: Moment
    /// How far ahead the wall clock may be and count as having come back.
    package var limit: Duration
    /// How far ahead it is.
    package var ahead: Duration
    /// From when on a time server has vouched for it as it is.
    var vouchedSince: Uptime?
  }

  /// Why a doubt ended.
  package enum Ending: Hashable, Sendable {
    case cameBack
    /// A person said so.
    case accepted
    /// A time server said so for long enough.
    case vouchedFor
  }

  package var policy: ClockPolicy
  /// A reading that is believed.
  private var base: Reading
  /// The timeline that was left when the clock was set back, and how far ahead of it may be right: a clock that comes
  /// back to it does not jump.
  private var left: (timeline: Reading, limit: Duration)?
  package private(set) var doubt: Doubt?
  /// Steps that nobody has taken yet.
  private var steps: [Step] = []
  /// The latest end of a doubt that nobody has taken yet.
  private var ending: Ending?

  /// Believes the reading, there being nothing to compare it with.
  package init(_ reading: Reading, policy: ClockPolicy) {
    base = reading
    self.policy = policy
  }

  /// The time that is believed at an uptime.
  package func now(at uptime: Uptime) -> Moment { base.wall(at: uptime) }

  /// What to keep for the next start.
  package func record(at uptime: Uptime, boot: String?) -> ClockRecord {
    ClockRecord(reading: Reading(wall: now(at: uptime), uptime: uptime), boot: boot, doubtedSince: doubt?.since)
  }

  /// Gives steps back that could not be followed yet.
  package mutating func putBack(_ taken: [Step]) { steps = taken + steps }

  /// The steps since this was asked last, in their order.
  package mutating func takeSteps() -> [Step] {
    defer { steps = [] }
    return steps
  }

  package mutating func takeEnding() -> Ending? {
    defer { ending = nil }
    return ending
  }

  /// Learns what the clocks show.
  package mutating func observe(_ reading: Reading) {
    let ahead = reading.wall.since(now(at: reading.uptime))
    if let doubt {
      guard ahead > doubt.limit else { return end(.cameBack, at: reading) }
      if (ahead - doubt.ahead).isNoticeable { self.doubt?.vouchedSince = nil }
      self.doubt?.ahead = ahead
    } else if !ahead.isNoticeable {
      base = reading
    } else if ahead > policy.jumpLimit, !isBack(reading) {
      doubt = Doubt(since: now(at: reading.uptime), limit: policy.jumpLimit, ahead: ahead)
    } else {
      step(by: ahead, to: reading)
    }
  }

  /// Goes on from what an earlier run knew. This comes before anything is asked of it.
  ///
  /// - Parameters:
  ///   - boot: the one that the reading is of; nil if nobody knows.
  ///   - isSynchronised: whether a time server vouches for the clock, by the kernel's word.
  package mutating func resume(from record: ClockRecord, _ reading: Reading, boot: String?, isSynchronised: Bool) {
    let isSameBoot = boot != nil && boot == record.boot && record.reading.uptime <= reading.uptime
    base = isSameBoot ? record.reading : Reading(wall: record.earliestNow, uptime: reading.uptime)
    left = nil
    let limit = isSameBoot ? policy.jumpLimit : policy.longestOutage
    let ahead = reading.wall.since(now(at: reading.uptime))
    if ahead > limit, isSameBoot || !isSynchronised {
      doubt = Doubt(since: record.doubtedSince ?? now(at: reading.uptime), limit: limit, ahead: ahead)
    } else if isSameBoot {
      if record.doubtedSince != nil { ending = .cameBack }
      step(by: ahead, since: record.doubtedSince, to: reading)
    } else {
      // How much of that is a step of the clock, and how much the machine was off, nobody knows.
      if ahead < .zero {
        left = (base, policy.longestOutage)
        steps.append(Step(by: .zero))
      }
      base = reading
    }
  }

  /// A person says that the wall clock is right. Returns false if nobody doubts it.
  package mutating func accept(_ reading: Reading) -> Bool {
    observe(reading)
    guard doubt != nil else { return false }
    end(.accepted, at: reading)
    return true
  }

  /// Hears whether a time server vouches for the clock, and believes it once that has gone on for long enough.
  package mutating func hear(isSynchronised: Bool, at reading: Reading) {
    observe(reading)
    guard doubt != nil else { return }
    guard isSynchronised else {
      doubt?.vouchedSince = nil
      return
    }
    let since = doubt?.vouchedSince ?? reading.uptime
    doubt?.vouchedSince = since
    if let agreement = policy.agreement, reading.uptime.since(since) >= agreement { end(.vouchedFor, at: reading) }
  }

  /// True if the reading lies on the timeline that was left by a step back.
  private func isBack(_ reading: Reading) -> Bool {
    guard let left else { return false }
    return reading.wall.since(left.timeline.wall(at: reading.uptime)) <= left.limit
  }

  private mutating func step(by ahead: Duration, since: Moment? = nil, to reading: Reading) {
    if ahead < .zero {
      left = left ?? (base, policy.jumpLimit)
    } else if let timeline = left?.timeline, reading.wall >= timeline.wall(at: reading.uptime) {
      left = nil
    }
    let until = now(at: reading.uptime)
    base = reading
    if ahead.isNoticeable { steps.append(Step(by: ahead, during: since.map { $0...max($0, until) })) }
  }

  private mutating func end(_ ending: Ending, at reading: Reading) {
    let since = doubt?.since
    doubt = nil
    self.ending = ending
    step(by: reading.wall.since(now(at: reading.uptime)), since: since, to: reading)
  }
}

/// What is kept of the clocks between two runs: a believed reading, and what it belongs to.
package struct ClockRecord: Hashable, Sendable {
  package var reading: Reading
  /// The boot that the uptime counts from; nil if nobody could say.
  package var boot: String?
  /// If the wall clock was doubted: since when, in believed time.
  package var doubtedSince: Moment?
  /// The latest that was written, if that is known: it may be later than the reading, which is kept now and then.
  package var latestWritten: Moment?

  package init(reading: Reading, boot: String?, doubtedSince: Moment? = nil, latestWritten: Moment? = nil) {
    self.reading = reading
    self.boot = boot
    self.doubtedSince = doubtedSince
    self.latestWritten = latestWritten
  }

  /// It cannot be earlier than that, however long the machine was off.
  fileprivate var earliestNow: Moment {
    guard let latestWritten, latestWritten >= reading.wall else { return reading.wall }
    return latestWritten.advanced(by: .milliseconds(1))
  }
}

extension Duration {
  fileprivate var isNoticeable: Bool { self > ClockWatch.noticeable || self < .zero - ClockWatch.noticeable }
}
