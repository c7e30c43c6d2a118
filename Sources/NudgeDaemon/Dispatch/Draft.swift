import NudgeMail
import NudgeStore
import Synchronization

/// The letter of a claim that comes alone, composed while the claim goes to the disk: so it leaves sooner by as long as
/// composing takes.
///
/// Where many claims come at once, each hand-over composes its own letter beside the others.
final class Draft: Sendable {
  typealias Composition = Result<Letter, CompositionError>

  private enum State {
    /// Nobody has said yet what will be claimed. Next: `composing`, `closed`.
    case open(composer: CheckedContinuation<Claim?, Never>?)
    /// Next: `composed`.
    case composing(Claim, reader: CheckedContinuation<Composition, Never>?)
    case composed(Claim, Composition)
    /// There is nothing to compose ahead.
    case closed
  }

  private let state = Mutex(State.open(composer: nil))

  /// What will be claimed, if it gets to the disk. A group of verbs that is run again says it again.
  func offer(_ claims: [Claim]) {
    let composer = state.withLock { state -> CheckedContinuation<Claim?, Never>? in
      guard case .open(let composer) = state, let claim = claims.first, claims.count == 1 else { return nil }
      state = .composing(claim, reader: nil)
      return composer
    }
    composer?.resume(returning: claims.first)
  }

  /// Nothing more will be offered.
  func close() {
    let composer = state.withLock { state -> CheckedContinuation<Claim?, Never>? in
      guard case .open(let composer) = state else { return nil }
      state = .closed
      return composer
    }
    composer?.resume(returning: nil)
  }

  /// Composes what is offered; returns when that is done, or nothing will be.
  func run(_ compose: (Claim) -> Composition) async {
    guard let claim = await offered() else { return }
    let composition = compose(claim)
    let reader = state.withLock { state -> CheckedContinuation<Composition, Never>? in
      guard case .composing(_, let reader) = state else { return nil }
      state = .composed(claim, composition)
      return reader
    }
    reader?.resume(returning: composition)
  }

  /// The letter of that very claim, if it was offered. One hand-over asks, once.
  func composition(of claim: Claim) async -> Composition? {
    let isComposed = state.withLock { state in
      switch state {
      case .composing(let offered, _), .composed(let offered, _): offered == claim
      case .open, .closed: false
      }
    }
    guard isComposed else { return nil }
    return await withCheckedContinuation { reader in
      let composition = state.withLock { state -> Composition? in
        if case .composed(_, let composition) = state { return composition }
        state = .composing(claim, reader: reader)
        return nil
      }
      if let composition { reader.resume(returning: composition) }
    }
  }

  private func offered() async -> Claim? {
    await withCheckedContinuation { composer in
      let claim = state.withLock { state -> Claim?? in
        switch state {
        case .open:
          state = .open(composer: composer)
          return nil
        case .composing(let claim, _), .composed(let claim, _): return claim
        case .closed: return .some(nil)
        }
      }
      if let claim { composer.resume(returning: claim) }
    }
  }
}
