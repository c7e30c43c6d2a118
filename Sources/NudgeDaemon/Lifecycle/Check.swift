import Foundation
import NudgeAPI
import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization

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

  /// The running daemon's look at itself, at what it writes, and at what the world knows of those it writes for.
  func check() async -> CheckReply {
    let desk = dispatcher.desk
    let outfit = dispatcher.beginUse()
    let domains = DomainChecks(
      configuration: desk.configuration, sender: outfit.sender, environment: surroundings.environment,
      clock: surroundings.clock)
    async let known = domains.findings()
    let own =
      [await configurationFinding(), await senderFinding(), storeFinding()] + transportFindings(desk.configuration)
    let letters = LetterChecks(desk: desk, recent: await recentCheckouts(), now: dispatcher.clock.now()).findings()
    let reply = CheckReply(findings: own + letters + (await known))
    await outfit.end()
    return reply
  }

  /// Those that shoppers left lately; none if the store cannot say, which `storeFinding` tells.
  private func recentCheckouts() async -> [CheckoutRecord] {
    let query = CheckoutQuery(state: .open, limit: LetterChecks.mostCheckouts)
    return (try? await store.checkouts(query))?.elements ?? []
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

  private func senderFinding() async -> CheckReply.Finding {
    let transport = dispatcher.desk.configuration.sender.transport.rawValue
    if await isPaused() {
      return .init(level: .warning, place: "sender", detail: "sending is paused; nudgectl resume goes on")
    }
    switch dispatcher.status {
    case .ok: return .init(level: .ok, place: "sender", detail: "\(transport) takes mail")
    case .held(let reason, _, _): return .init(level: .error, place: "sender", detail: "mail is held: \(reason)")
    case .doubted(let doubt):
      return .init(level: .error, place: "sender", detail: "mail is held: \(doubt.reason)")
    }
  }

  private func storeFinding() -> CheckReply.Finding {
    if let failure = store.failure { return .init(level: .error, place: "database", detail: "\(failure)") }
    return .init(level: .ok, place: "database", detail: "writes to \(surroundings.places.database)")
  }

  /// Letters hold addresses, and what people buy: nobody on the way should read them.
  private func transportFindings(_ configuration: Configuration) -> [CheckReply.Finding] {
    let sender = configuration.sender
    switch sender.transport {
    case .ses:
      let url = URL(string: sender.ses.endpoint)
      guard url?.scheme != "https", !Self.loopbacks.contains(url?.host() ?? "") else { return [] }
      let detail = "\(sender.ses.endpoint) is not https: letters cross the network for everybody to read"
      return [.init(level: .error, place: "endpoint", detail: detail)]
    case .smtp:
      guard sender.smtp.tls == .none, !sender.smtp.isLoopback else { return [] }
      let detail = "letters go to \(sender.smtp.host) for everybody to read; tls: starttls encrypts them"
      return [.init(level: .warning, place: "smtp", detail: detail)]
    case .lmtp, .sendmail, .maildir: return []
    }
  }

  private static let loopbacks: Set = ["localhost", "127.0.0.1", "::1", "[::1]"]
}

extension Dispatcher {
  /// The outfit of now, which is not shut down before `end` is told to it.
  fileprivate func beginUse() -> Outfit {
    state.withLock { state in
      state.outfit.begin()
      return state.outfit
    }
  }
}
