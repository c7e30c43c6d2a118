/// The word that the ledger has for how a hand-over ended.
package enum LedgerWord: String, CaseIterable, Sendable {
  case accepted
  case deferred
  case refused
  case unknown
  case withdrawn
  case renderFailed = "render_failed"
}

extension Outcome {
  package var ledgerWord: LedgerWord {
    switch self {
    case .delivered(.accepted): .accepted
    case .delivered(.deferred): .deferred
    case .delivered(.refused): .refused
    case .delivered(.unknown): .unknown
    case .withdrawn, .outpaced: .withdrawn
    case .renderFailed: .renderFailed
    }
  }

  /// The mail server's name for the mail, if it took it and gave one.
  package var providerID: String? {
    guard case .delivered(.accepted(let id)) = self else { return nil }
    return id
  }

  /// Why it did not go out, or why nobody knows; nil if it did, or if nobody wanted it any more.
  package var error: String? {
    switch self {
    case .delivered(.accepted), .withdrawn: nil
    case .outpaced: "the rate left no room for it"
    case .delivered(.deferred(_, let error)), .delivered(.refused(let error)), .delivered(.unknown(let error)),
      .renderFailed(let error):
      error
    }
  }
}
