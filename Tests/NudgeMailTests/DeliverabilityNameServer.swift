import Foundation
import NudgeMail
import TestKit
import Testing

/// What one name of a zone has to say.
enum ZoneEntry: Encodable, Sendable {
  /// By type, values as zone files write them.
  case records([String: [String]])
  /// `servfail`, `refused`, `silent` or `hanging`.
  case word(String)

  /// TXT records.
  static func txt(_ texts: String...) -> ZoneEntry { .records(["TXT": texts.map(quoted)]) }

  static func mx(_ values: String...) -> ZoneEntry { .records(["MX": values]) }

  static func a(_ value: String = "192.0.2.1") -> ZoneEntry { .records(["A": [value]]) }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .records(let records): try container.encode(records)
    case .word(let word): try container.encode(word)
    }
  }

  /// One string of a record has at most 255 bytes.
  private static func quoted(_ text: String) -> String {
    var rest = Substring(text)
    var parts: [String] = []
    repeat {
      parts.append("\"\(rest.prefix(250))\"")
      rest = rest.dropFirst(250)
    } while !rest.isEmpty
    return parts.joined(separator: " ")
  }
}

typealias Zone = [String: ZoneEntry]

/// Runs `body` beside a real name server with that zone.
func withNameServer<T>(
  _ zone: Zone, isolation: isolated (any Actor)? = #isolation, _ body: (DNSServer) async throws -> T
) async throws -> T {
  let input = try JSONEncoder().encode(zone)
  let program = try Program(Repository.python, [Repository.oracle("dns_server").path], input: input)
  let result: Result<T, any Error>
  do {
    let port = try await program.line(containing: "ready ").split(separator: " ").last.flatMap { UInt16($0) }
    result = .success(try await body(DNSServer(address: "127.0.0.1", port: try #require(port))))
  } catch {
    result = .failure(error)
  }
  program.signal(SIGKILL)
  await program.end()
  return try result.get()
}
