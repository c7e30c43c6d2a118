import Foundation
import NudgeAPI
import NudgeMail
import NudgeStore

extension Daemon {
  /// Checks all that can be checked without sending: what a start with these surroundings would find.
  @discardableResult
  package static func checkConfiguration(
    _ surroundings: Surroundings
  ) async throws(StartFailure) -> Configuration {
    let (desk, sender) = try outfit(surroundings)
    await sender.shutdown()
    return desk.configuration
  }

  /// The running daemon's look at itself.
  func check() async -> CheckReply {
    CheckReply(findings: [await configurationFinding(), senderFinding(), storeFinding()])
  }

  /// The file may have changed since it was loaded: this is what a reload would say.
  private func configurationFinding() async -> CheckReply.Finding {
    let place = "configuration"
    do throws(StartFailure) {
      let configuration = try await Self.checkConfiguration(surroundings)
      guard configuration == dispatcher.desk.configuration else {
        return .init(level: .warning, place: place, detail: "the file has changed; a reload puts it in force")
      }
      let shops = configuration.shops.count
      let count = shops == 1 ? "one shop" : "\(shops) shops"
      return .init(level: .ok, place: place, detail: "in force, with the templates of \(count)")
    } catch {
      return .init(level: .error, place: place, detail: error.description)
    }
  }

  private func senderFinding() -> CheckReply.Finding {
    let transport = dispatcher.desk.configuration.sender.transport.rawValue
    switch dispatcher.status {
    case .ok: return .init(level: .ok, place: "sender", detail: "\(transport) takes mail")
    case .paused: return .init(level: .warning, place: "sender", detail: "sending is paused; nudgectl resume goes on")
    case .held(let reason, _, _): return .init(level: .error, place: "sender", detail: "mail is held: \(reason)")
    }
  }

  private func storeFinding() -> CheckReply.Finding {
    if let failure = store.failure { return .init(level: .error, place: "database", detail: "\(failure)") }
    return .init(level: .ok, place: "database", detail: "writes to \(surroundings.places.database)")
  }
}
