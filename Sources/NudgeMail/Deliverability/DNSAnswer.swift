/// What DNS is asked.
package struct DNSQuestion: Hashable, Sendable {
  package enum Kind: UInt16, Sendable {
    case a = 1
    case cname = 5
    case mx = 15
    case txt = 16
    case aaaa = 28
  }

  package var name: String
  package var kind: Kind

  package init(_ name: String, _ kind: Kind) {
    self.name = name
    self.kind = kind
  }
}

/// What DNS says to that.
package enum DNSAnswer: Hashable, Sendable {
  /// One or more.
  case records([DNSRecord])
  /// There is nothing of that kind; `nameExists` says whether there is anything at that name.
  case nothing(nameExists: Bool)
  /// Whether there is anything could not be found out, and why.
  case unknown(String)
}

package struct DNSRecord: Hashable, Sendable {
  /// The joined strings of a TXT record; the name, without a dot at its end, in a CNAME or MX record; else empty.
  package var text: String
  /// Of an MX record.
  package var preference: Int

  package init(text: String, preference: Int = 0) {
    self.text = text
    self.preference = preference
  }
}
