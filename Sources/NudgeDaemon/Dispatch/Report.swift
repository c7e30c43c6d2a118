import NudgeDomain
import Synchronization

extension Dispatcher {
  /// The status as the control room shows it.
  package var report: SenderReport {
    let transport = desk.configuration.sender.transport.rawValue
    var report = SenderReport(transport: transport, state: .ok)
    if case .held(let reason, let since, let probeAt) = status {
      report.state = .held(reason: reason, until: probeAt)
      report.since = since
    }
    state.withLock { state in
      report.isUsedUp = state.hold == nil && state.allotment?.usedUpSince != nil
      report.perSecond = state.pace.inForce
      guard let allotment = state.allotment, let answeredAt = allotment.answeredAt else { return }
      report.quota = QuotaReport(used: allotment.usedToday, usable: allotment.perDay, askedAt: answeredAt)
    }
    return report
  }
}
