import Foundation
import NudgeDomain
import NudgeMail
import Yams

extension Configuration {
  /// More messages a second than any transport takes.
  static let rates = 0...10_000
  /// Each hand-over holds one letter and, at most, one connection or one process.
  static let flights = 1...1_000
  static let attempts = 1...100
  static let longestShopName = 255
  /// A configuration that is longer is none.
  static let longestFile = 1_048_576

  /// Reads a configuration file, strictly.
  ///
  /// - Parameters:
  ///   - file: its path, for errors and for the folders that it names relative to its own.
  /// - Throws: everything that is wrong with it.
  package static func load(yaml: String, file: String) throws(ConfigurationError) -> Configuration {
    let findings = Findings(file: file)
    let root = try parse(yaml, file: file)
    let configuration = read(Section(root, path: "", findings: findings), folder: folder(of: file))
    guard findings.issues.isEmpty else { throw ConfigurationError(issues: findings.issues.inOrderOfLines) }
    return configuration
  }

  /// Nil for a file that holds nothing but comments.
  private static func parse(_ yaml: String, file: String) throws(ConfigurationError) -> Node? {
    guard yaml.utf8.count <= longestFile else {
      throw ConfigurationError(issues: [.init(file: file, message: "is longer than \(longestFile) bytes")])
    }
    do {
      return try compose(yaml: yaml)
    } catch {
      throw ConfigurationError(issues: [.init(file: file, error)])
    }
  }

  private static func folder(of file: String) -> URL {
    URL(filePath: file).deletingLastPathComponent()
  }

  private static func read(_ root: Section, folder: URL) -> Configuration {
    root.allow(["sender", "retry", "clock", "shops"])
    return Configuration(
      sender: SenderConfiguration(root.section("sender"), folder: folder), retry: RetryPolicy(root.section("retry")),
      clock: ClockPolicy(root.section("clock")), shops: shops(root.section("shops"), folder: folder))
  }

  /// What a shop does not say it inherits from `default`, wherever in the file that stands.
  private static func shops(_ section: Section, folder: URL) -> [String: ShopConfiguration] {
    let standard = ShopConfiguration(section.section(defaultShop), inheriting: .init(), folder: folder)
    var shops = [defaultShop: standard]
    for name in section.keys where name != defaultShop {
      if name.isEmpty || name.utf8.count > longestShopName {
        section.complain(name, "is no name of a shop; write 1 to \(longestShopName) bytes")
      }
      shops[name] = ShopConfiguration(section.section(name), inheriting: standard, folder: folder)
    }
    return shops
  }
}

extension ShopConfiguration {
  fileprivate init(_ section: Section, inheriting base: ShopConfiguration, folder: URL) {
    section.allow([
      "from", "order_from", "reply_to", "imprint", "locale", "dkim_selectors", "schedule", "on_change", "max_late",
      "order_message",
      "resend_unknown_order_message", "templates",
    ])
    let policy = ShopPolicy(
      schedule: section.value("schedule", or: base.policy.schedule, Value.schedule),
      onChange: section.value("on_change", or: base.policy.onChange, Value.word(OnChange.self)),
      maxLate: section.value("max_late", or: base.policy.maxLate, Value.duration(atLeast: .zero)),
      orderMessage: section.value(
        "order_message", or: base.policy.orderMessage, Value.word(OrderMessagePolicy.self)),
      resendsUnknownOrderMessage: section.value(
        "resend_unknown_order_message", or: base.policy.resendsUnknownOrderMessage, Value.bool))
    self.init(
      from: section.value("from", or: base.from, Value.mailbox),
      orderFrom: section.value("order_from", or: base.orderFrom, Value.optional(Value.mailbox)),
      replyTo: section.value("reply_to", or: base.replyTo, Value.optional(Value.mailbox)),
      imprint: section.value("imprint", or: base.imprint, Value.imprint),
      locale: section.value("locale", or: base.locale, Value.optional(Value.locale)),
      dkimSelectors: section.value("dkim_selectors", or: base.dkimSelectors, Value.selectors), policy: policy,
      templates: section.value("templates", or: base.templates, Value.optional(Value.path(relativeTo: folder))))
  }
}

extension SenderConfiguration {
  fileprivate init(_ section: Section, folder: URL) {
    self.init()
    section.allow(["transport", "rate", "max_in_flight", "ses", "smtp", "lmtp", "sendmail", "maildir"])
    transport = section.value("transport", or: transport, Value.word(Transport.self))
    rate = section.value("rate", or: rate, Value.rate)
    if rate == .auto, transport != .ses {
      section.complain("rate", "auto asks SES, and the transport is \(transport.rawValue); write a number")
    }
    maxInFlight = section.value(
      "max_in_flight", or: maxInFlight, Value.number(Configuration.flights, "hand-overs at a time"))
    ses = SES(section.section("ses"), folder: folder)
    smtp = SMTP(section.section("smtp"), folder: folder)
    lmtp = LMTP(section.section("lmtp"), folder: folder)
    sendmail = Sendmail(section.section("sendmail"))
    let maildir = section.section("maildir")
    maildir.allow(["path"])
    self.maildir.path = maildir.value("path", or: nil, Value.optional(Value.path(relativeTo: folder)))
  }
}

extension SenderConfiguration.SES {
  fileprivate init(_ section: Section, folder: URL) {
    self.init()
    section.allow(["region", "endpoint", "configuration_set", "credentials_file", "profile"])
    region = section.value("region", or: region, Value.region)
    customEndpoint = section.value("endpoint", or: nil, Value.optional(Value.webAddress))
    if customEndpoint == Self.endpoint(region: region) { customEndpoint = nil }
    configurationSet = section.value("configuration_set", or: nil, Value.optional(Value.configurationSet))
    credentialsFile = section.value("credentials_file", or: nil, Value.optional(Value.path(relativeTo: folder)))
    profile = section.value("profile", or: nil, Value.optional(Value.text))
  }
}

extension SenderConfiguration.Sendmail {
  fileprivate init(_ section: Section) {
    self.init()
    section.allow(["path", "timeout"])
    path = section.value("path", or: path, Value.absolutePath)
    timeout = section.value("timeout", or: timeout, Value.duration(atLeast: .seconds(1)))
  }
}

extension ClockPolicy {
  /// What a time server slews or steps in ordinary life is no jump.
  private static let shortestJump = Duration.seconds(10)

  fileprivate init(_ section: Section) {
    let standard = ClockPolicy.standard
    section.allow(["jump_limit", "longest_outage", "agreement"])
    self.init(
      jumpLimit: section.value(
        "jump_limit", or: standard.jumpLimit, Value.duration(atLeast: Self.shortestJump)),
      longestOutage: section.value(
        "longest_outage", or: standard.longestOutage, Value.duration(atLeast: Self.shortestJump)),
      agreement: section.value(
        "agreement", or: standard.agreement, Value.optional(Value.duration(atLeast: .zero))))
  }
}

extension RetryPolicy {
  fileprivate init(_ section: Section) {
    let standard = RetryPolicy.standard
    section.allow(["attempts", "first", "longest"])
    self.init(
      attempts: section.value(
        "attempts", or: standard.attempts, Value.number(Configuration.attempts, "hand-overs in all")),
      first: section.value("first", or: standard.first, Value.duration(atLeast: .milliseconds(1))),
      longest: section.value("longest", or: standard.longest, Value.duration(atLeast: .milliseconds(1))))
    guard first > longest else { return }
    let texts = (DurationText.text(of: first), DurationText.text(of: longest))
    let key = section.keys.contains("first") ? "first" : "longest"
    section.complain(key, "first (\(texts.0)) is longer than longest (\(texts.1)); write at most as much")
  }
}
