/// The wall clock is in doubt once it is ahead by more than the limit of all that was believed before, as measured by the
/// uptime, until somebody accepts it or it comes back. Nothing is claimed meanwhile.
///
/// Only what is certain is judged: a clock that was set back first and then forth, or that went ahead in small steps, may
/// be doubted or not.
struct ClockRules {
  let history: History

  /// How far wall clock and uptime were apart at most while the clock was not in doubt.
  private struct Belief {
    var offset: Int64
    var uptime: Int64
    var doubtedSince: Int64?
    /// The same by the time that was believed then.
    var doubtedAt: Int64 = 0
    /// There was a jump that may be doubted, though it need not be.
    var wasSuspicious = false
    /// A run has shown that it lives: from then on the database knows of the clock.
    var isKept = false
  }

  func violations() -> [Violation] {
    guard let first = history.observations.first, !isUnknown else { return [] }
    var found: [Violation] = []
    var belief = Belief(offset: first.at.wall - first.at.uptime, uptime: first.at.uptime)
    for (index, observation) in history.observations.enumerated() {
      look(&belief, at: observation, index)
      let since = belief.doubtedSince.map { observation.at.elapsed - $0 }
      switch observation.what {
      case .claimed(let row):
        // What was decided before the jump may be on its way to the disk still.
        guard let since, since > history.tolerances.noticing, row.startedAt > belief.doubtedAt else { continue }
        found.append(
          history.violation(
            .doubtfulClockSendsNothing, index, "\(row.message) was claimed while the clock was in doubt"))
      case .handOverBegan(let mail) where history.claims[mail.attempt] == nil:
        guard let since, since > history.tolerances.noticing else { continue }
        found.append(
          history.violation(
            .doubtfulClockSendsNothing, index, "\(mail.message) was handed over while the clock was in doubt"))
      case .snapshot(let snapshot):
        guard snapshot.status?.isClockInDoubt == true, !belief.wasSuspicious else { continue }
        found.append(
          history.violation(.doubtfulClockSendsNothing, index, "the clock is in doubt, and nobody set it ahead"))
      default: break
      }
    }
    return found
  }

  /// Whether nudged says that there is nothing like a clock to accept: then it promises nothing of it.
  private var isUnknown: Bool {
    history.exchanges.values.contains { exchange in
      guard exchange.request == .acceptClock, case .problem(404, _) = exchange.answer else { return false }
      return true
    }
  }

  private func look(_ belief: inout Belief, at observation: Observation, _ index: Int) {
    let offset = observation.at.wall - observation.at.uptime
    let limit = history.settings(from: index, to: index).map(\.jumpLimit).max() ?? 0
    if case .asked(_, .acceptClock) = observation.what {
      belief.doubtedSince = nil
      belief.offset = max(offset, belief.offset)
    }
    switch observation.what {
    case .answered, .snapshot, .claimed: belief.isKept = true
    case .started where !belief.isKept: belief = Belief(offset: offset, uptime: 0, wasSuspicious: index > 0)
    default: break
    }
    if observation.at.uptime < belief.uptime { belief = Belief(offset: offset, uptime: 0, wasSuspicious: true) }
    belief.uptime = observation.at.uptime
    if case .clockStepped(let by) = observation.what, offset - by <= belief.offset + limit {
      belief.offset = max(offset - by, belief.offset)
    }
    if case .clockStepped(let by) = observation.what, by > 0 { belief.wasSuspicious = true }
    if offset > belief.offset + limit {
      if belief.doubtedSince == nil { belief.doubtedAt = observation.at.uptime + belief.offset }
      belief.doubtedSince = belief.doubtedSince ?? observation.at.elapsed
      belief.wasSuspicious = true
    } else {
      belief.doubtedSince = nil
      belief.offset = max(offset, belief.offset)
    }
  }
}
