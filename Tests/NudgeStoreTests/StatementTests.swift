import NudgeDomain
import Testing

@testable import NudgeStore

@Suite("Statements") struct StatementTests {
  @Test("texts of any length are written and read as they are, one after another")
  func texts() async throws {
    try await withWorld { world in
      let lengths = [0, 3, 5_000, 0, 4_096, 4_097, 300_000, 1]
      for (number, length) in lengths.enumerated() {
        let change = CheckoutChange(
          key: CheckoutKey(shop: "default", id: "c-\(number)"), email: "zoë@example.com", occurredAt: at(0),
          content: String(repeating: number == 2 ? "é" : "x", count: length))
        _ = try await world.store.record(.checkout(change), policies: world.policies, now: at(0))
        #expect(try await world.store.checkout(change.key)?.checkout.latest.content == change.content)
        #expect(try await world.store.checkout(change.key)?.checkout.latest.email == "zoë@example.com")
      }
    }
  }
}
