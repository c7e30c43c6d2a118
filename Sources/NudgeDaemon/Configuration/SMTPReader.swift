import Foundation
import NudgeMail
import Yams

extension SenderConfiguration.SMTP {
  init(_ section: Section, folder: URL) {
    self.init()
    section.allow([
      "host", "port", "tls", "ca_file", "username", "password_file", "hello", "connections",
    ])
    host = section.value("host", or: host, Value.host)
    customPort = section.value("port", or: nil, Value.optional(Value.port))
    customTLS = section.value("tls", or: nil, Value.optional(Value.word(SMTPEncryption.Mode.self)))
    authorities = section.value("ca_file", or: nil, Value.optional(Value.path(relativeTo: folder)))
    username = section.value("username", or: nil, Value.optional(Value.text))
    passwordFile = section.value("password_file", or: nil, Value.optional(Value.path(relativeTo: folder)))
    hello = section.value("hello", or: nil, Value.optional(Value.hello))
    connections = section.value("connections", or: connections, Value.number(1...1_000, "connections at a time"))
    complain(to: section)
    if customPort == standardPort { customPort = nil }
    if customTLS == standardTLS { customTLS = nil }
  }

  private func complain(to section: Section) {
    if username == nil, passwordFile != nil {
      section.complain("password_file", "is of no use without a username; write that too")
    }
    if username != nil, !tls.isVerified, !isLoopback {
      let message =
        "\(tls.rawValue) could show the password to others; write starttls or implicit, or leave the key out"
      section.complain("tls", message)
    }
    if authorities != nil, !tls.isVerified {
      section.complain("ca_file", "is of no use with tls \(tls.rawValue), which believes anybody; write tls: starttls")
    }
  }
}

extension SenderConfiguration.LMTP {
  init(_ section: Section, folder: URL) {
    self.init()
    section.allow(["host", "port", "socket"])
    host = section.value("host", or: host, Value.host)
    port = section.value("port", or: port, Value.port)
    socket = section.value("socket", or: nil, Value.optional(Value.path(relativeTo: folder)))
    if port == Self.portOfSMTP {
      section.complain("port", "\(port) is where SMTP is spoken, and LMTP must not be; write 24 or another one")
    }
    if socket != nil, let key = section.keys.first(where: { $0 == "host" || $0 == "port" }) {
      section.complain(key, "is of no use with a socket; leave one of them out")
    }
  }

  private static let portOfSMTP = 25
}

extension Value {
  static var port: (Node) throws(Complaint) -> Int { number(1...65_535, "a port") }

  /// A host as it may introduce itself: a name, or an address in brackets.
  static func hello(_ node: Node) throws(Complaint) -> String {
    let text = try text(node)
    guard text.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]{0,253})|\[[A-Za-z0-9.:]{1,60}\]/) != nil else {
      throw Complaint(message: "\(node.shown) is no name of a host; write one such as mail.shop.example")
    }
    return text
  }
}
