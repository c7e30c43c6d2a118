/// How mail leaves, and how fast.
package struct SenderConfiguration: Hashable, Sendable {
  package enum Transport: String, CaseIterable, Sendable {
    case ses, smtp, lmtp, sendmail, maildir
  }

  package enum Rate: Hashable, Sendable {
    /// Messages per second; 0 is no limit.
    case fixed(Int)
    /// Below what the provider allows, a second and a day.
    case auto
  }

  package struct SES: Hashable, Sendable {
    package var region = "eu-west-1"
    /// Nil for the region's own.
    package var customEndpoint: String?
    package var configurationSet: String?
    package var credentialsFile: String?
    /// The profile of the credentials file, or of the files that AWS's programs share. Nil for theirs to say.
    package var profile: String?

    package init() {}

    package var endpoint: String { customEndpoint ?? Self.endpoint(region: region) }

    /// Where AWS answers in a region.
    package static func endpoint(region: String) -> String { "https://email.\(region).amazonaws.com" }
  }

  package struct Sendmail: Hashable, Sendable {
    package var path = "/usr/sbin/sendmail"
    package var timeout = Duration.seconds(30)

    package init() {}
  }

  package struct Maildir: Hashable, Sendable {
    /// Nil for `outbox` in the state directory.
    package var path: String?

    package init() {}
  }

  package var transport = Transport.maildir
  package var rate = Rate.fixed(14)
  package var maxInFlight = 16
  package var ses = SES()
  package var smtp = SMTP()
  package var lmtp = LMTP()
  package var sendmail = Sendmail()
  package var maildir = Maildir()

  package init() {}
}
