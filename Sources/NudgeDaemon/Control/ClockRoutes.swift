import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `GET /clock`
  func clock() -> Reply { Reply(.ok, ClockReply(surroundings.clock()).json) }

  /// `POST /clock/accept`
  func acceptClock(_ call: Call) async throws(Problem) -> Reply {
    let accepted = try await asking { () throws(StoreError) in try await surroundings.acceptClock() }
    await note(OperatorAction(.acceptTime, result: accepted ? OperatorAction.done : OperatorAction.unfit), call)
    return Reply(.ok, ClockAcceptance(accepted: accepted, clock: ClockReply(surroundings.clock())).json)
  }
}

extension ClockReply {
  init(_ report: ClockReport) {
    self.init(
      wallAt: Timestamp(report.shown), expectedAt: Timestamp(report.believed),
      jumpMilliseconds: Int(report.ahead.milliseconds), doubtedSince: report.doubtedSince.map(Timestamp.init),
      isSynchronised: report.isSynchronised, jumpLimitMilliseconds: Int(report.policy.jumpLimit.milliseconds),
      agreementMilliseconds: report.policy.agreement.map { Int($0.milliseconds) })
  }
}
