/// A name server to ask instead of the system's: `127.0.0.1:5353`.
package struct DNSServer: Hashable, Sendable {
  /// The variable of the environment that names one; for split DNS, where the system's does not see what the world sees.
  package static let variable = "NUDGED_RESOLVER"
  static let standardPort: UInt16 = 53

  package var address: String
  package var port: UInt16

  package init(address: String, port: UInt16 = standardPort) {
    self.address = address
    self.port = port
  }

  /// Reads an IPv4 address with or without a port.
  package init?(parsing text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, numbers.count == 4, numbers.allSatisfy({ $0.utf8.allSatisfy(Self.isDigit) }),
      numbers.allSatisfy({ UInt8($0) != nil })
    else { return nil }
    address = String(parts[0])
    port = Self.standardPort
    guard parts.count == 2 else { return }
    guard let number = UInt16(parts[1]), number > 0, parts[1].utf8.allSatisfy(Self.isDigit) else { return nil }
    port = number
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
