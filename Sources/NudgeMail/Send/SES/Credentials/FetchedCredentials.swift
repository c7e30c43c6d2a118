import NudgeDomain
import Synchronization

/// Keys that a service lends for a while. New ones are fetched well before they end, one fetch at a time; hand-overs
/// meanwhile go on with the old ones as long as these are valid.
final class FetchedCredentials: AWSCredentialsSource {
  /// How long before their end new ones are fetched.
  static let margin = Duration.seconds(15 * 60)
  /// A service that lends the same again, or for less than the margin, is not asked more often than this.
  static let shortestUse = Duration.seconds(60)
  /// After a failure, the service is left alone for this long; it doubles, up to the longest. That is not longer than mail
  /// is held before it is tried again.
  static let firstWait = Duration.seconds(5)
  static let longestWait = Duration.seconds(30)

  private struct Lease {
    let credentials: AWSCredentials
    let fetchAgainAt: Moment
    let validUntil: Moment

    /// What the service calls expired is used for a while nevertheless: our clock may be the one that is wrong.
    init(_ credentials: AWSCredentials, now: Moment) {
      self.credentials = credentials
      let end = credentials.expiresAt ?? Moment(milliseconds: .max)
      let soon = now.advanced(by: FetchedCredentials.shortestUse)
      validUntil = max(end, soon)
      fetchAgainAt = max(end.advanced(by: .zero - FetchedCredentials.margin), soon)
    }
  }

  private typealias Fetch = Task<CredentialsError?, Never>

  private struct State {
    var lease: Lease?
    var fetch: Fetch?
    var failure: CredentialsError?
    var failedAt: Moment?
    var wait = FetchedCredentials.firstWait

    /// False while the service is left alone after a failure. A clock that is set back does not prolong that.
    func mayFetch(now: Moment) -> Bool {
      guard let failedAt else { return true }
      let passed = now.since(failedAt)
      return passed >= wait || passed < .zero
    }
  }

  private let service: any CredentialsService
  private let now: @Sendable () -> Moment
  private let state = Mutex(State())

  var place: String { service.place }

  init(_ service: any CredentialsService, now: @escaping @Sendable () -> Moment) {
    self.service = service
    self.now = now
  }

  func current() async throws(CredentialsError) -> AWSCredentials {
    let now = now()
    let (result, fetch) = state.withLock { state -> (Result<AWSCredentials, CredentialsError>?, Fetch?) in
      if let lease = state.lease, now < lease.validUntil {
        if now >= lease.fetchAgainAt, state.mayFetch(now: now) { _ = begin(&state) }
        return (.success(lease.credentials), nil)
      }
      if state.fetch == nil, let failure = state.failure, !state.mayFetch(now: now) { return (.failure(failure), nil) }
      return (nil, begin(&state))
    }
    if let result { return try result.get() }
    if let failure = await fetch?.value { throw failure }
    guard let lease = state.withLock({ $0.lease }) else {
      throw CredentialsError(place: place, problem: "gave no credentials")
    }
    return lease.credentials
  }

  func renew(_ used: AWSCredentials) async -> CredentialsError? {
    let fetch = state.withLock { state in state.lease?.credentials == used ? begin(&state) : nil }
    guard let fetch else { return nil }
    if let failure = await fetch.value { return failure }
    guard state.withLock({ $0.lease?.credentials == used }) else { return nil }
    return CredentialsError(place: place, problem: "gives the same ones again")
  }

  func shutdown() async {
    let fetch = state.withLock { $0.fetch }
    fetch?.cancel()
    _ = await fetch?.value
    await service.shutdown()
  }

  /// The fetch that is under way, or a new one.
  private func begin(_ state: inout State) -> Fetch {
    if let fetch = state.fetch { return fetch }
    let fetch = Fetch {
      do throws(CredentialsError) {
        return self.end(.success(try await self.service.fetch()))
      } catch {
        return self.end(.failure(error))
      }
    }
    state.fetch = fetch
    return fetch
  }

  private func end(_ result: Result<AWSCredentials, CredentialsError>) -> CredentialsError? {
    let now = now()
    return state.withLock { state in
      state.fetch = nil
      switch result {
      case .success(let credentials):
        state.lease = Lease(credentials, now: now)
        state.failure = nil
        state.failedAt = nil
        state.wait = Self.firstWait
        return nil
      case .failure(let failure):
        if state.failedAt != nil { state.wait = min(state.wait * 2, Self.longestWait) }
        state.failure = failure
        state.failedAt = now
        return failure
      }
    }
  }
}

/// A service that lends keys.
protocol CredentialsService: Sendable {
  var place: String { get }
  /// Asks for keys, and gives up after some seconds.
  func fetch() async throws(CredentialsError) -> AWSCredentials
  func shutdown() async
}
