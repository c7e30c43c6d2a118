package import NudgeMail

extension SenderConfiguration {
  package struct SMTP: Hashable, Sendable {
    package var host = "127.0.0.1"
    /// Nil for what the rest asks for.
    package var customPort: Int?
    /// Nil for what the rest asks for.
    package var customTLS: SMTPEncryption.Mode?
    /// Nil for the certificates that the system believes.
    package var authorities: String?
    /// Nil where the server wants to know nobody.
    package var username: String?
    package var passwordFile: String?
    /// Nil for the machine's own name.
    package var hello: String?
    package var connections = 16

    package init() {}

    /// True if nobody but this machine sees what goes to the server.
    package var isLoopback: Bool { SMTPServer(.tcp(host: host, port: port)).isLoopback }

    package var port: Int { customPort ?? standardPort }

    /// RFC 8314 and 6409: who logs in submits; what is encrypted from the first byte on has a port of its own.
    package var standardPort: Int {
      if customTLS == .implicit { return Self.implicitPort }
      return username == nil ? Self.plainPort : Self.submissionPort
    }

    package var tls: SMTPEncryption.Mode { customTLS ?? standardTLS }

    /// Never a password, and never mail for another machine, without encryption if it can be had.
    package var standardTLS: SMTPEncryption.Mode {
      if customPort == Self.implicitPort { return .implicit }
      if username != nil { return .starttls }
      return isLoopback ? .none : .opportunistic
    }

    private static let plainPort = 25
    private static let submissionPort = 587
    private static let implicitPort = 465
  }

  package struct LMTP: Hashable, Sendable {
    package var host = "127.0.0.1"
    package var port = 24
    /// The path of a Unix socket; it takes the place of host and port.
    package var socket: String?

    package init() {}
  }
}
