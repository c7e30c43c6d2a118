import Logging
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// Runs a verb of the store; what it fails with becomes a problem. What a client cannot know about goes to the log.
  func asking<T>(_ verb: () async throws(StoreError) -> T) async throws(Problem) -> T {
    do { return try await verb() } catch { throw problem(error) }
  }

  func noteRefusal(_ problem: Problem, of path: String) {
    logger.debug("A request was refused.", metadata: ["route": "\(path)", "problem": "\(problem.code.rawValue)"])
  }

  func problem(_ error: StoreError) -> Problem {
    switch error {
    case .notFound:
      return Problem(.notFound, "there is no such message")
    case .wrongState(let state, let reason):
      return Problem(.wrongState, "the message is \(state.rawValue) (\(reason.rawValue)); \(Self.whatCanBeDone(state))")
    case .full:
      return Problem(.diskFull, "the disk that the database is on is full", retryAfter: Self.diskFullRetryAfter)
    case .busy:
      return Problem(.overloaded, "another program holds a lock on the database", retryAfter: Self.busyRetryAfter)
    case .unavailable(let detail):
      logger.error("The database failed.", metadata: ["error": "\(detail)"])
      return Problem(.draining, "the database failed; nudged starts anew")
    case .newerSchema, .cannotOpen, .failed:
      logger.error("A request failed.", metadata: ["error": "\(error)"])
      return Problem(.internal, "nudged could not do this; its log says why")
    }
  }

  /// Seconds: somebody has to make room first.
  private static let diskFullRetryAfter = 30
  private static let busyRetryAfter = 1

  private static func whatCanBeDone(_ state: Message.State) -> String {
    switch state {
    case .scheduled, .sending: "wait until it is settled"
    case .sent, .cancelled, .skipped: "only a dead one, or one of unknown fate, can be retried or dropped"
    case .dead, .unknown: "its checkout does not want it any more"
    }
  }
}
