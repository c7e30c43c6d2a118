import NudgeAPI
import NudgeDomain
import NudgeMail
import NudgeStore
import Testing

@testable import NudgeDaemon

@Suite("What a check says of the shops' mails") struct LetterChecksTests {
  /// The shops whose templates were looked at, of `default` and one more that `change` makes of it.
  private func shops(_ change: (inout ShopConfiguration) -> Void) throws -> [String] {
    var configuration = Configuration()
    var second = configuration.shop("default")
    change(&second)
    configuration.shops["second"] = second
    let desk = try MailDesk(configuration: configuration)
    let checks = LetterChecks(desk: desk, recent: [], now: Moment(milliseconds: 0))
    return checks.findings().filter { $0.place.hasPrefix("templates of ") }.map(\.group)
  }

  @Test("shops whose mails are made alike are looked at once")
  func alike() throws {
    #expect(try shops { _ in } == ["shop default"])
  }

  @Test("another language or another number of reminders makes other mails")
  func different() throws {
    #expect(try shops { $0.locale = "de" } == ["shop default", "shop second"])
    let once = try #require(Schedule(offsets: [.seconds(60)]))
    #expect(try shops { $0.policy.schedule = once } == ["shop default", "shop second"])
  }
}
