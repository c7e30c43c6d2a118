import Logging
import NudgeDomain
import NudgeMail
import Synchronization

/// Why a test was not handed over.
enum TestRefusal: Error, Hashable {
  /// nudged is about to end.
  case stopping
  /// The rate leaves no room for it before that moment.
  case noRoom(until: Moment)
  /// There is no letter to hand over.
  case unwritable(CompositionError)
}

extension Dispatcher {
  /// How long a test waits for its turn.
  static let testPatience = Duration.seconds(10)
  /// After which a test that waits for its turn asks again, if nobody knows when there is room.
  static let testInterval = Duration.milliseconds(20)

  /// Hands over a letter that is no message's, at once: no claim, no ledger, no effect on what is due. It goes out while
  /// mail is held or sending is paused, since somebody wants to see what the server says; but as every letter it takes
  /// one of what the rate allows, and the sender outlives it.
  func handOver(
    test write: (MailDesk) throws(CompositionError) -> Letter
  ) async throws(TestRefusal) -> Delivery {
    let flight = Int64.random(in: .min ... -1)  // no message has such an id
    let boarded = state.withLock { state -> Outfit? in
      guard !state.isStopping else { return nil }
      state.flights.add(flight)  // from here on the dispatcher leaves room for it
      state.outfit.begin()
      return state.outfit
    }
    guard let outfit = boarded else { throw .stopping }
    let result: Result<Delivery, TestRefusal>
    do throws(TestRefusal) {
      result = .success(try await handOver(write, as: flight, with: outfit))
    } catch {
      result = .failure(error)
    }
    await outfit.end()
    state.withLock { $0.flights.remove(flight) }
    alarm.ring(nil)  // it took room
    return try result.get()
  }

  private func handOver(
    _ write: (MailDesk) throws(CompositionError) -> Letter, as flight: Int64, with outfit: Outfit
  ) async throws(TestRefusal) -> Delivery {
    let letter: Letter
    do throws(CompositionError) {
      letter = try write(outfit.desk)
    } catch {
      throw .unwritable(error)
    }
    try await takeTurn(flight)
    let delivery = await outfit.sender.deliver(letter)
    if case .deferred(.throttled, _) = delivery {
      let now = clock.uptime()
      state.withLock { $0.pace.throttle(now: now) }
    }
    let word = Outcome.delivered(delivery).ledgerWord.rawValue
    logger.notice("A test was handed over", metadata: ["attempt": "\(letter.attemptID)", "outcome": "\(word)"])
    return delivery
  }

  /// Waits until the rate has room for one more than those that wait already, and takes it.
  private func takeTurn(_ flight: Int64) async throws(TestRefusal) {
    let end = clock.uptime().advanced(by: Self.testPatience)
    while true {
      let times = clock.reading
      let now = times.uptime
      let again = state.withLock { state -> Uptime? in
        guard state.pace.allowance(now: now) < state.flights.waiting else {
          _ = state.flights.begin(flight)
          state.takeToken(now: now)
          return nil
        }
        return state.pace.roomAgain()
      }
      guard let again else { return }
      guard again <= end, now < end else { throw .noRoom(until: times.wall(at: again)) }
      do { try await clock.pass(max(again.since(now), Self.testInterval)) } catch { throw .stopping }
    }
  }
}
