import Foundation
import Logging
import NudgeDomain
import NudgeStore
import Synchronization

/// Ending when there is nothing to do, and saying when there will be: for hosts that start nudged when it is needed.
extension Daemon {
  package static let idleVariable = "NUDGED_EXIT_WHEN_IDLE"

  static func idleLimit(_ environment: [String: String]) throws(StartFailure) -> Duration? {
    guard let text = environment[idleVariable], !text.isEmpty else { return nil }
    if let limit = DurationText.parse(text), limit >= shortestIdleness { return limit }
    let message = "\(idleVariable) is \"\(text)\"; it wants a duration of at least a second, like 5m"
    throw .configuration(ConfigurationError(issues: [.init(file: "environment", message: message)]))
  }

  private static let shortestIdleness = Duration.seconds(1)
  /// How much earlier than the next mail nudged wants to be started, to be there in time.
  static let wakeLead = Duration.seconds(1)

  /// True when nothing was asked, nothing was on its way and nothing became due for that long, and nothing will for as
  /// long; false when cancelled.
  func untilIdle(for limit: Duration, _ engine: Engine) async -> Bool {
    var answered = -1
    while (try? await surroundings.clock.pass(limit)) != nil {
      let isQuiet = engine.answered == answered && dispatcher.inFlight == 0
      if isQuiet, await hasNoWork(for: limit) {
        isIdle.store(true, ordering: .relaxed)
        logger.notice("There is nothing to do: nudged stops until it is needed")
        return true
      }
      answered = engine.answered
    }
    return false
  }

  private func hasNoWork(for limit: Duration) async -> Bool {
    let now = dispatcher.clock.now()
    do throws(StoreError) {
      return try await store.nextWork(now: now).map { $0.since(now) > limit } ?? true
    } catch {
      logger.error("The store could not say what is due: nudged stays", metadata: ["error": "\(error)"])
      return false
    }
  }

  /// Leaves word when to be started again, if ever, counting what came while it stopped.
  ///
  /// - Returns: the exit code. One that is not 0 has the service manager start nudged again: nobody else would.
  func noteWake() async -> Int32 {
    do {
      guard let work = try await store.nextWork(now: dispatcher.clock.now()) else { return ProgramExit.done }
      let seconds = work.advanced(by: .zero - Self.wakeLead).milliseconds / 1_000
      try Data("\(seconds)\n".utf8).write(to: URL(filePath: surroundings.places.wake), options: .atomic)
      return ProgramExit.done
    } catch {
      logger.error("It cannot be written when the next mail is due", metadata: ["error": "\(error)"])
      return ProgramExit.inputOutput
    }
  }

  /// Word from before this start is old.
  func forgetWake() {
    unlink(surroundings.places.wake)
  }
}
