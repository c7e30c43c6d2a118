import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@testable import NudgeDaemon

@Suite("Configuration") struct ConfigurationTests {
  private func load(_ yaml: String) throws -> Configuration {
    try Configuration.load(yaml: yaml, file: "/etc/nudged/nudged.yaml")
  }

  private func issues(_ yaml: String) -> [String] {
    do {
      _ = try load(yaml)
      return []
    } catch let error as ConfigurationError {
      return error.issues.map { issue in "\(issue.line ?? 0) \(issue.key ?? "-")" }
    } catch {
      return ["\(error)"]
    }
  }

  @Test("the part that the rules read is what the configuration says now")
  func policies() {
    var configuration = Configuration.standard
    configuration.shops["other"] = ShopConfiguration()
    configuration.shops["default"]?.policy.maxLate = .seconds(1)
    configuration.retry.attempts = 3
    let policies = configuration.policies
    #expect(policies["default"].maxLate == .seconds(1) && policies["unknown"].maxLate == .seconds(1))
    #expect(policies["other"] == ShopConfiguration().policy && policies.retry.attempts == 3)
  }

  @Test("the example says what holds without a file, with every key that there is")
  func example() throws {
    let file = Repository.root.appending(path: "examples/nudged.yaml")
    let yaml = try String(contentsOf: file, encoding: .utf8)
    #expect(try load(yaml) == .standard)
    let keys = [
      "transport", "rate", "max_in_flight", "region", "endpoint", "configuration_set", "credentials_file", "host",
      "port", "tls", "ca_file", "username", "password_file", "hello", "connections", "socket", "path", "timeout",
      "attempts", "first", "longest", "from", "order_from", "reply_to", "imprint", "locale", "dkim_selectors",
      "schedule", "on_change",
      "max_late", "order_message", "resend_unknown_order_message", "templates",
    ]
    for key in keys { #expect(yaml.contains("\(key):"), "the example lacks \(key)") }
  }

  @Test("an empty file, or one of comments, is the defaults", arguments: ["", "# nothing\n", "shops:\n", "sender: ~"])
  func empty(yaml: String) throws {
    #expect(try load(yaml) == .standard)
  }

  @Test("everything that the contract names is read")
  func complete() throws {
    let configuration = try load(
      """
      sender:
        transport: ses
        rate: 0
        max_in_flight: 4
        ses: { region: us-east-1, endpoint: "http://127.0.0.1:5000", configuration_set: main, credentials_file: keys }
        smtp: { host: mail.example, port: 2525 }
        sendmail: { path: /usr/bin/msmtp, timeout: 1m30s }
        maildir: { path: /tmp/mail }
      retry: { attempts: 3, first: 500ms, longest: 1d12h }
      shops:
        default:
          from: Löffel <cart@löffel.example>
          order_from: Orders <orders@shop.example>
          reply_to: help@shop.example
          imprint: [Löffel GmbH, "Marktstraße 1", 12345 Musterstadt]
          locale: de-AT
          dkim_selectors: [mail, k1.mailer]
          schedule: [0s, 1h]
          on_change: keep
          max_late: 2d
          order_message: always
          resend_unknown_order_message: false
          templates: my/templates
      """)
    #expect(configuration.sender.transport == .ses)
    #expect(configuration.sender.rate == .fixed(0))
    #expect(configuration.sender.maxInFlight == 4)
    #expect(configuration.sender.ses.endpoint == "http://127.0.0.1:5000")
    #expect(configuration.sender.ses.configurationSet == "main")
    #expect(configuration.sender.ses.credentialsFile == "/etc/nudged/keys")
    #expect(configuration.sender.smtp.port == 2525)
    #expect(configuration.sender.sendmail.timeout == .seconds(90))
    #expect(configuration.sender.maildir.path == "/tmp/mail")
    #expect(configuration.retry == RetryPolicy(attempts: 3, first: .milliseconds(500), longest: .seconds(129_600)))
    let shop = configuration.shop("default")
    #expect(shop.from == Mailbox(name: "Löffel", address: "cart@löffel.example"))
    #expect(shop.replyTo == Mailbox(address: "help@shop.example"))
    #expect(shop.orderFrom == Mailbox(name: "Orders", address: "orders@shop.example"))
    #expect(shop.sender(of: .order) == shop.orderFrom && shop.sender(of: .reminder(step: 1)) == shop.from)
    #expect(shop.imprint == ["Löffel GmbH", "Marktstraße 1", "12345 Musterstadt"])
    #expect(shop.locale == "de-AT")
    #expect(shop.dkimSelectors == ["mail", "k1.mailer"])
    #expect(shop.templates == "/etc/nudged/my/templates")
    #expect(shop.policy.schedule.offsets == [.zero, .seconds(3_600)])
    #expect(shop.policy.onChange == .keep)
    #expect(shop.policy.maxLate == .seconds(172_800))
    #expect(shop.policy.orderMessage == .always)
    #expect(!shop.policy.resendsUnknownOrderMessage)
  }

  @Test("the rate may be left to what SES allows")
  func automatic() throws {
    #expect(try load("sender: { rate: auto, transport: ses }").sender.rate == .auto)
  }

  @Test("a shop inherits what it does not say, even if default comes after it; null takes an inherited value away")
  func inheritance() throws {
    let configuration = try load(
      """
      shops:
        second: { from: two@shop.example, reply_to: null }
        default: { from: one@shop.example, reply_to: help@shop.example, max_late: 1h }
      """)
    #expect(configuration.shop("second").from.address == "two@shop.example")
    #expect(configuration.shop("second").replyTo == nil)
    #expect(configuration.shop("second").policy.maxLate == .seconds(3_600))
    #expect(configuration.shop("never heard of") == configuration.shop("default"))
    #expect(configuration.policies["second"].maxLate == .seconds(3_600))
  }

  @Test(
    "a mistake is told with its line and its key",
    arguments: [
      ("sendr: {}", "1 sendr"),
      ("sender:\n  rat: 3", "2 sender.rat"),
      ("sender:\n  rate: fast", "2 sender.rate"),
      ("sender:\n  rate: auto", "2 sender.rate"),
      ("sender:\n  transport: smtp\n  rate: auto", "3 sender.rate"),
      ("sender:\n  transport: ses\n  rate: \"auto\"", "3 sender.rate"),
      ("sender:\n  rate: \"14\"", "2 sender.rate"),
      ("sender:\n  rate: -1", "2 sender.rate"),
      ("sender:\n  rate: 1.5", "2 sender.rate"),
      ("sender:\n  rate: 99999999999999999999", "2 sender.rate"),
      ("sender:\n  rate: ~", "2 sender.rate"),
      ("sender:\n  max_in_flight: 0", "2 sender.max_in_flight"),
      ("sender:\n  transport: pigeon", "2 sender.transport"),
      ("sender:\n  ses:\n    endpoint: ftp://x", "3 sender.ses.endpoint"),
      ("sender:\n  ses:\n    region: Mars!", "3 sender.ses.region"),
      ("sender:\n  smtp: { port: 70000 }", "2 sender.smtp.port"),
      ("sender:\n  smtp: { host: \"a b\" }", "2 sender.smtp.host"),
      ("sender:\n  sendmail: { path: sendmail }", "2 sender.sendmail.path"),
      ("sender:\n  sendmail: { timeout: 0s }", "2 sender.sendmail.timeout"),
      ("sender:\n  maildir: { path: 3 }", "2 sender.maildir.path"),
      ("sender: [1]", "1 sender"),
      ("retry:\n  attempts: 0", "2 retry.attempts"),
      ("retry:\n  first: 30", "2 retry.first"),
      ("retry:\n  first: 2h", "2 retry.first"),
      ("shops:\n  default:\n    from: nobody", "3 shops.default.from"),
      ("shops:\n  default:\n    from: \"A\\nB <a@b.example>\"", "3 shops.default.from"),
      ("shops:\n  default:\n    schedule: 30m", "3 shops.default.schedule"),
      ("shops:\n  default:\n    schedule: []", "3 shops.default.schedule"),
      ("shops:\n  default:\n    schedule: [1d, 30m]", "3 shops.default.schedule"),
      ("shops:\n  default:\n    schedule: [1d, 24h]", "3 shops.default.schedule"),
      ("shops:\n  default:\n    schedule: [soon]", "3 shops.default.schedule"),
      ("shops:\n  default:\n    on_change: explode", "3 shops.default.on_change"),
      ("shops:\n  default:\n    order_message: sometimes", "3 shops.default.order_message"),
      ("shops:\n  default:\n    resend_unknown_order_message: yes", "3 shops.default.resend_unknown_order_message"),
      ("shops:\n  other:\n    form: a@b.example", "3 shops.other.form"),
      ("shops:\n  default:\n    order_from: nobody", "3 shops.default.order_from"),
      ("shops:\n  default:\n    imprint: {}", "3 shops.default.imprint"),
      ("shops:\n  default:\n    imprint: []", "3 shops.default.imprint"),
      ("shops:\n  default:\n    imprint: [1]", "3 shops.default.imprint"),
      ("shops:\n  default:\n    imprint: [a, b, c, d, e, f, g, h, i, j, k, l, m]", "3 shops.default.imprint"),
      ("shops:\n  default:\n    imprint: \"a\\u0085b\"", "3 shops.default.imprint"),
      ("shops:\n  default:\n    locale: german!", "3 shops.default.locale"),
      ("shops:\n  default:\n    locale: de_AT", "3 shops.default.locale"),
      ("shops:\n  default:\n    dkim_selectors: mail", "3 shops.default.dkim_selectors"),
      ("shops:\n  default:\n    dkim_selectors: [mail, a..b]", "3 shops.default.dkim_selectors"),
      ("shops:\n  default:\n    dkim_selectors: [\"a b\"]", "3 shops.default.dkim_selectors"),
      ("sender: {}\nsender: {}", "1 sender"),
      ("sender:\n\trate: 1", "2 -"),
      ("- a list", "1 -"),
    ])
  func mistake(yaml: String, place: String) {
    #expect(issues(yaml) == [place])
  }

  @Test("an imprint is a list of lines, or a text whose line ends count")
  func imprint() throws {
    let yaml =
      "shops:\n  default:\n    imprint: |\n      Example Ltd\n      1 High Street\n\n  b: { imprint: null }\n  c: {}\n"
    let configuration = try load(yaml)
    #expect(configuration.shop("default").imprint == ["Example Ltd", "1 High Street"])
    #expect(configuration.shop("b").imprint.isEmpty)
    #expect(configuration.shop("c").imprint == ["Example Ltd", "1 High Street"])
    #expect(configuration.shop("default").sender(of: .order) == configuration.shop("default").from)
  }

  @Test("a schedule has at most 20 steps")
  func steps() throws {
    let steps = (1...21).map { "\($0)m" }
    #expect(issues("shops: { default: { schedule: [\(steps.joined(separator: ", "))] } }").count == 1)
    #expect(issues("shops: { default: { schedule: [\(steps.dropLast().joined(separator: ", "))] } }").isEmpty)
  }

  @Test("all mistakes are told at once, in the order of the file")
  func all() {
    let yaml = "shops:\n  default:\n    form: x\n    max_late: never\nretry:\n  attempts: no\nsender:\n  rate: x"
    #expect(
      issues(yaml) == ["3 shops.default.form", "4 shops.default.max_late", "6 retry.attempts", "8 sender.rate"])
  }

  @Test("a message names the file, what is wrong, and what would be right")
  func message() throws {
    let error = #expect(throws: ConfigurationError.self) { try load("sender:\n  rat: 3") }
    #expect(
      error?.description == "/etc/nudged/nudged.yaml:2: sender.rat: unknown key; did you mean \"rate\"?")
  }
}

@Suite("Durations") struct DurationTextTests {
  @Test(
    "durations are read",
    arguments: [
      ("500ms", 500), ("0s", 0), ("30s", 30_000), ("30m", 1_800_000), ("1d", 86_400_000), ("1d12h", 129_600_000),
      ("1h30m10s5ms", 5_410_005), ("90m", 5_400_000), ("3650d", 315_360_000_000),
    ])
  func read(text: String, milliseconds: Int64) {
    #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    #expect(DurationText.parse(text).map(DurationText.text).flatMap(DurationText.parse) == .milliseconds(milliseconds))
  }

  @Test(
    "what is no duration is refused",
    arguments: [
      "", "30", "m", "30 m", "-30m", "1.5h", "30M", "30min", "12h1d", "1d1d", "9999999999999999999d", "3651d", "٣m",
      "1d ", "365d999999h",
    ])
  func refuse(text: String) {
    #expect(DurationText.parse(text) == nil)
  }
}
