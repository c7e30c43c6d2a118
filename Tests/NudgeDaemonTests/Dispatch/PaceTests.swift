import NudgeDomain
import Testing

@testable import NudgeDaemon

@Suite("Pace") struct PaceTests {
  @Test("no one-second window ever holds more than the rate", arguments: [1, 2, 3, 14, 100, 1_500])
  func window(rate: Int) {
    var random = SystemRandomNumberGenerator()
    var pace = Pace(rate: rate)
    var now = booted
    var sent: [Int64] = []
    for _ in 0..<3_000 {
      let count = min(pace.allowance(now: now), Int.random(in: 0...rate, using: &random))
      pace.take(count, now: now)
      sent += Array(repeating: now.milliseconds, count: count)
      now = now.advanced(by: .milliseconds(Int64.random(in: 0...120, using: &random)))
    }
    let spans = zip(sent, sent.dropFirst(rate)).map { $1 - $0 }
    #expect(spans.allSatisfy { $0 >= 1_000 })
  }

  @Test("the room comes back exactly one second after it was taken, and the pace says so")
  func roomAgain() {
    var pace = Pace(rate: 2)
    pace.take(1, now: booted)
    pace.take(1, now: booted.advanced(by: .milliseconds(300)))
    #expect(pace.roomAgain() == booted.advanced(by: .seconds(1)))
    #expect(pace.allowance(now: booted.advanced(by: .milliseconds(999))) == 0)
    #expect(pace.allowance(now: booted.advanced(by: .milliseconds(1_000))) == 1)
    #expect(pace.allowance(now: booted.advanced(by: .milliseconds(1_300))) == 2)
  }

  @Test("no window of any length ever holds more than its share", arguments: [0.1, 0.45, 0.9, 0.99, 1.8, 12.6])
  func fractions(perSecond: Double) {
    var random = SystemRandomNumberGenerator()
    var pace = Pace(perSecond: perSecond)
    var now = booted
    var sent: [Int64] = []
    for _ in 0..<2_000 {
      let count = min(pace.allowance(now: now), 3)
      if count == 0 { #expect(pace.roomAgain() > now) } else { #expect(pace.roomAgain() <= now) }
      pace.take(count, now: now)
      sent += Array(repeating: now.milliseconds, count: count)
      now = now.advanced(by: .milliseconds(Int64.random(in: 0...400, using: &random)))
    }
    let most = max(1, Int(perSecond))
    let spans = zip(sent, sent.dropFirst(most)).map { Double($1 - $0) }
    #expect(spans.allSatisfy { $0 >= max(1_000, 1_000 / perSecond) })
    #expect(sent.count > most)
  }

  @Test("a new rate counts what has gone out")
  func changes() {
    var pace = Pace(rate: 10)
    pace.take(10, now: booted)
    pace.change(to: 12)
    #expect(pace.allowance(now: booted) == 2)
    pace.change(to: nil)
    #expect(pace.allowance(now: booted) == .max)
  }

  @Test("a rate of zero is no limit")
  func unlimited() {
    var pace = Pace(rate: 0)
    pace.take(1_000_000, now: booted)
    #expect(pace.allowance(now: booted) == .max)
  }

  @Test("a server that finds us too fast halves the rate once a burst; it comes back in steps")
  func throttle() {
    var pace = Pace(rate: 16)
    for _ in 0..<10 { pace.throttle(now: booted) }
    #expect(pace.allowance(now: booted.advanced(by: .seconds(2))) == 8)
    pace.throttle(now: booted.advanced(by: .seconds(3)))
    #expect(pace.allowance(now: booted.advanced(by: .seconds(32))) == 4)
    #expect(pace.allowance(now: booted.advanced(by: .seconds(33))) == 8)
    #expect(pace.allowance(now: booted.advanced(by: .seconds(63))) == 16)
  }

  @Test("without a limit, half of what went out is what the server takes")
  func throttleUnlimited() {
    var pace = Pace(rate: 0)
    pace.take(40, now: booted)
    pace.throttle(now: booted)
    #expect(pace.allowance(now: booted.advanced(by: .seconds(1))) == 20)
  }
}
