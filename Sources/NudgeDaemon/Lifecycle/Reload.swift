import Logging
import NudgeDomain
import NudgeMail
import NudgeStore

extension Daemon {
  /// Reads configuration and templates again. A new one that is wrong is refused as a whole, and the old one stays.
  func reload() async {
    surroundings.notifier.notify(.reloading(monotonicMicroseconds: SystemClock.monotonicMicroseconds()))
    do throws(StartFailure) {
      let (desk, sender) = try Self.outfit(surroundings)
      await dispatcher.replace(desk: desk, sender: sender)
      await note(.init(.reload))
      logger.notice(
        "The configuration is reloaded", metadata: ["transport": "\(desk.configuration.sender.transport.rawValue)"])
    } catch {
      for line in error.description.split(separator: "\n") {
        logger.error("The configuration is wrong", metadata: ["problem": "\(line)"])
      }
      await note(.init(.reload, result: "refused"))
      logger.error("The new configuration is refused, the old one stays")
    }
    surroundings.notifier.notify(.ready(status: await statusLine()))
  }

  /// A signal does not say who sent it. If the store cannot take a note, it says so itself elsewhere.
  private func note(_ action: OperatorAction) async {
    try? await store.note(action, by: nil, now: surroundings.clock.now())
  }
}
