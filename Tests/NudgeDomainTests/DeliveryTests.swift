import NudgeDomain
import Testing

@Suite("Delivery") struct DeliveryTests {
  static let retry = RetryPolicy(attempts: 3, first: .seconds(30), longest: .seconds(100))

  struct Row: Sendable {
    var outcome: Outcome
    var kind = Message.Kind.reminder(step: 1)
    var attempt = 1
    var resendsUnknown = true
    var expected: Aftermath
  }

  static func later(_ seconds: Int) -> Moment { at(0).advanced(by: .seconds(seconds)) }

  static let rows: [Row] = [
    Row(outcome: .delivered(.accepted(providerID: "p")), expected: .final(.sent, .sent)),
    Row(outcome: .delivered(.refused(error: "no")), expected: .final(.dead, .refused)),
    Row(outcome: .renderFailed(error: "no"), expected: .final(.dead, .renderFailed)),
    Row(outcome: .withdrawn, expected: .final(.cancelled, .ordered)),
    Row(outcome: .delivered(.unknown(error: "?")), expected: .final(.unknown, .unknown)),
    Row(
      outcome: .delivered(.unknown(error: "?")), kind: .order,
      expected: .again(at: later(30), .unknown, costsAttempt: true)),
    Row(
      outcome: .delivered(.unknown(error: "?")), kind: .order, resendsUnknown: false,
      expected: .final(.unknown, .unknown)),
    Row(outcome: .delivered(.unknown(error: "?")), kind: .order, attempt: 3, expected: .final(.unknown, .unknown)),
    Row(
      outcome: .delivered(.deferred(.message, error: "busy")),
      expected: .again(at: later(30), .deferred, costsAttempt: true)),
    Row(
      outcome: .delivered(.deferred(.message, error: "busy")), attempt: 2,
      expected: .again(at: later(60), .deferred, costsAttempt: true)),
    Row(
      outcome: .delivered(.deferred(.message, error: "busy")), attempt: 3,
      expected: .final(.dead, .attemptsExhausted)),
    Row(
      outcome: .delivered(.deferred(.throttled, error: "slow")), attempt: 3,
      expected: .again(at: later(30), .deferred, costsAttempt: false)),
    Row(
      outcome: .delivered(.deferred(.sender, error: "paused")), attempt: 3,
      expected: .again(at: later(30), .deferred, costsAttempt: false)),
  ]

  @Test("is followed by what the table says", arguments: rows)
  func aftermath(row: Row) {
    let aftermath = Self.retry.aftermath(
      of: row.outcome, kind: row.kind, attempt: row.attempt, resendsUnknown: row.resendsUnknown, now: at(0), jitter: 0)
    #expect(aftermath == row.expected)
  }

  @Test("waits double up to the longest, and jitter takes up to half")
  func wait() {
    let waits = (1...5).map { Self.retry.wait(after: $0, jitter: 0) }
    #expect(waits == [.seconds(30), .seconds(60), .seconds(100), .seconds(100), .seconds(100)])
    #expect(Self.retry.wait(after: 1, jitter: 1) == .seconds(15))
    #expect(Self.retry.wait(after: .max, jitter: 0.5) == .seconds(75))
    #expect(Self.retry.wait(after: 1, jitter: 7) == .seconds(15))
    #expect(Self.retry.wait(after: 0, jitter: -1) == .seconds(30))
  }
}
