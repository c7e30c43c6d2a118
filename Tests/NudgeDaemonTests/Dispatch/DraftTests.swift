import NudgeDomain
import NudgeMail
import NudgeStore
import Synchronization
import Testing

@testable import NudgeDaemon

@Suite("Draft") struct DraftTests {
  private static let letter = Letter(attemptID: "a-1", sender: "a@b.example", recipient: "c@d.example", bytes: [1])

  /// Two claims that were made in earnest.
  private static func claims() async throws -> [Claim] {
    try await withDispatchWorld { world in
      for id in ["c-1", "c-2"] { try await world.checkout(id) }
      world.clock.advance(by: .seconds(1_800))
      return try await world.store.claimDue(now: world.clock.now(), limit: 2, policies: world.policies).claims
    }
  }

  @Test("has the letter of a claim that comes alone, whoever is there first")
  func alone() async throws {
    let claim = try #require(try await Self.claims().first)
    for isOfferedFirst in [true, false] {
      let draft = Draft()
      let composed = Mutex(0)
      if isOfferedFirst { draft.offer([claim]) }
      async let run: Void = draft.run { _ in
        composed.withLock { $0 += 1 }
        return .success(Self.letter)
      }
      if !isOfferedFirst { draft.offer([claim]) }
      draft.close()
      #expect(try await draft.composition(of: claim)?.get() == Self.letter)
      await run
      #expect(composed.withLock { $0 } == 1)
    }
  }

  @Test("keeps why there is no letter")
  func failure() async throws {
    let claim = try #require(try await Self.claims().first)
    let (draft, error) = (Draft(), CompositionError.refused(field: "subject", because: "is empty"))
    draft.offer([claim])
    await draft.run { _ in .failure(error) }
    #expect(await draft.composition(of: claim) == .failure(error))
  }

  @Test("composes nothing of many claims, of none, and of one that did not come to be")
  func nothing() async throws {
    let claims = try await Self.claims()
    for offered in [claims, []] {
      let draft = Draft()
      draft.offer(offered)
      draft.close()
      await draft.run { _ in .success(Self.letter) }
      for claim in claims { #expect(await draft.composition(of: claim) == nil) }
    }
    let draft = Draft()
    draft.offer([claims[0]])
    draft.offer([claims[1]])  // the group ran again, and came to something else
    draft.close()
    await draft.run { _ in .success(Self.letter) }
    #expect(await draft.composition(of: claims[1]) == nil)
  }
}
