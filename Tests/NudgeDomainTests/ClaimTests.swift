import NudgeDomain
import Testing

@Suite("Claim") struct ClaimTests {
  static func decide(
    _ state: Checkout.State, step: Int = 1, generation: Int = 2, isRetried: Bool = false, minute: Int
  ) -> ClaimDecision {
    let checkout = Checkout(
      state: state, generation: 3, scheduleGeneration: 2, anchor: at(0), latest: .sample())
    return .reminder(
      step: step, generation: generation, planned: at(30), isRetried: isRetried, checkout: checkout,
      policy: ShopPolicy(), now: at(minute))
  }

  @Test("an open checkout's reminder goes out in its time")
  func send() {
    #expect(Self.decide(.open, minute: 30) == .send)
  }

  @Test("what is closed, emptied or replaced is not sent, a retried one neither", arguments: [false, true])
  func cancel(isRetried: Bool) {
    #expect(Self.decide(.ordered, isRetried: isRetried, minute: 30) == .cancel(.ordered))
    #expect(Self.decide(.cancelled, isRetried: isRetried, minute: 30) == .cancel(.checkoutCancelled))
    #expect(Self.decide(.open, generation: 1, isRetried: isRetried, minute: 30) == .cancel(.checkoutChanged))
  }

  @Test("after downtime the plan says what takes its place")
  func skip() {
    guard case .skip(let plan) = Self.decide(.open, minute: 1_440) else {
      Issue.record("not skipped")
      return
    }
    #expect(plan.skipped.map(\.reason) == [.late])
    #expect(plan.next?.number == 2)
  }

  @Test("a step that the schedule has lost goes out in its time, and is too late after that")
  func lost() {
    #expect(Self.decide(.open, step: 4, minute: 30 + 720) == .send)
    guard case .skip(let plan) = Self.decide(.open, step: 4, minute: 30 + 721) else {
      Issue.record("not skipped")
      return
    }
    #expect(plan.skipped == [.init(step: .init(number: 4, due: at(30)), reason: .late)])
    #expect(plan.next == nil)
  }

  @Test("a person's retry is never late and never collapsed")
  func retried() {
    #expect(Self.decide(.open, isRetried: true, minute: 99_999) == .send)
  }
}
