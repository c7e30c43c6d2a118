/// Where SES answers: a scheme, a host, perhaps a port.
struct SESEndpoint: Hashable, Sendable {
  /// `https://email.eu-west-1.amazonaws.com`
  let base: String
  /// The value of the header `Host`.
  let host: String

  /// Whom to connect to: a name, or an address without brackets.
  let name: String
  let port: Int
  let isEncrypted: Bool

  /// Nil unless `text` is `http` or `https` with a host and at most a port: no path, no user, no query.
  init?(_ text: String) {
    let text = text.hasSuffix("/") ? text.dropLast() : text[...]
    guard let separator = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<separator.lowerBound].lowercased()
    let host = text[separator.upperBound...].lowercased()
    guard scheme == "http" || scheme == "https", Self.isHost(host) else { return nil }
    base = "\(scheme)://\(host)"
    let standardPort = scheme == "https" ? ":443" : ":80"
    let port = host.firstMatch(of: /:([0-9]+)$/)
    let name = host.dropLast(port?.0.count ?? 0)
    self.name = String(name.hasPrefix("[") ? name.dropFirst().dropLast() : name)
    self.port = port.flatMap { Int($0.1) } ?? (scheme == "https" ? 443 : 80)
    isEncrypted = scheme == "https"
    self.host = host.hasSuffix(standardPort) ? String(host.dropLast(standardPort.count)) : host
  }

  /// A name, an IPv4 address, or an IPv6 address in brackets, with or without a port.
  private static func isHost(_ text: String) -> Bool {
    let port = /:([0-9]{1,5})/
    guard let match = text.wholeMatch(of: #/(?:[a-z0-9][a-z0-9.\-]*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?/#) else {
      return false
    }
    guard let written = match.1, let number = written.wholeMatch(of: port).flatMap({ Int($0.1) }) else { return true }
    return (1...65_535).contains(number)
  }
}
