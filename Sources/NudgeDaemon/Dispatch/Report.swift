import NudgeDomain
import Synchronization

extension Dispatcher {
  /// The status as the control room shows it.
  package var report: SenderReport {
    let transport = desk.configuration.sender.transport.rawValue
    var report = SenderReport(transport: transport, state: .ok)
    switch status {
    case .ok: break
    case .held(let reason, let since, let probeAt):
      report.state = .held(reason: reason, until: probeAt)
      report.since = since
    case .doubted(let doubt):
      report.state = .held(reason: doubt.reason, until: nil)
      report.since = doubt.since
      report.isClockDoubted = true
    }
    let times = clock.reading
    state.withLock { state in
      report.isUsedUp = !report.isClockDoubted && state.hold == nil && state.allotment?.usedUpSince != nil
      report.perSecond = state.pace.inForce
      guard let allotment = state.allotment, let answeredAt = allotment.answeredAt else { return }
      report.quota = QuotaReport(
        used: allotment.usedToday, usable: allotment.perDay, askedAt: times.wall(at: answeredAt))
    }
    return report
  }
}
