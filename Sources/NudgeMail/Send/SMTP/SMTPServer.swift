import NIOCore

/// Where a mail server listens, and what is spoken there.
package struct SMTPServer: Hashable, Sendable {
  package enum Address: Hashable, Sendable {
    case tcp(host: String, port: Int)
    /// The path of a Unix socket.
    case unix(path: String)
  }

  package enum Language: String, Hashable, Sendable {
    case smtp = "SMTP"
    /// RFC 2033: for the last step to the mailbox. A server answers each recipient after the mail; ours is always one.
    case lmtp = "LMTP"
  }

  package var address: Address
  package var language: Language

  package init(_ address: Address, language: Language = .smtp) {
    self.address = address
    self.language = language
  }

  /// True if what is sent there never leaves the machine, as far as the address tells.
  package var isLoopback: Bool {
    switch address {
    case .unix: return true
    case .tcp(let host, _):
      if host.lowercased() == "localhost" { return true }
      return (try? SocketAddress(ipAddress: host, port: 0))?.isLoopback ?? false
    }
  }

  /// The name that the server's certificate must have; nil for an address, which a certificate names in another place.
  var name: String? {
    guard case .tcp(let host, _) = address, (try? SocketAddress(ipAddress: host, port: 0)) == nil else { return nil }
    return host
  }
}

extension SMTPServer: CustomStringConvertible {
  /// As errors call it.
  package var description: String {
    switch address {
    case .tcp(let host, let port): "\(language.rawValue) at \(host.contains(":") ? "[\(host)]" : host):\(port)"
    case .unix(let path): "\(language.rawValue) at \(path)"
    }
  }
}

extension SocketAddress {
  var isLoopback: Bool {
    switch self {
    case .unixDomainSocket: true
    case .v4: ipAddress?.hasPrefix("127.") ?? false
    case .v6: ipAddress == "::1" || ipAddress?.hasPrefix("::ffff:127.") ?? false
    }
  }

  /// As RFC 5321 has a host that goes by its address: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. Nil for a path.
  var literal: String? {
    switch self {
    case .unixDomainSocket: nil
    case .v4: ipAddress.map { "[\($0)]" }
    // An address of the link ends in the name of an interface, which means nothing to anybody else.
    case .v6: ipAddress.map { "[IPv6:\($0.prefix { $0 != "%" })]" }
    }
  }
}
