import Foundation

/// What one name of a zone has to say.
package enum ZoneEntry: Encodable, Sendable {
  /// By type, values as zone files write them.
  case records([String: [String]])
  /// `servfail`, `refused`, `silent` or `hanging`.
  case word(String)

  /// TXT records.
  package static func txt(_ texts: String...) -> ZoneEntry { .records(["TXT": texts.map(quoted)]) }

  package static func mx(_ values: String...) -> ZoneEntry { .records(["MX": values]) }

  package static func a(_ value: String = "192.0.2.1") -> ZoneEntry { .records(["A": [value]]) }

  package func encode(to encoder: any Encoder) throws {
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

package typealias Zone = [String: ZoneEntry]

/// Runs `body` beside a real name server with that zone, on that port of 127.0.0.1.
package func withNameServer<T>(
  _ zone: Zone, isolation: isolated (any Actor)? = #isolation, _ body: (UInt16) async throws -> T
) async throws -> T {
  let input = try JSONEncoder().encode(zone)
  let program = try Program(Repository.python, [Repository.oracle("dns_server").path], input: input)
  let result: Result<T, any Error>
  do {
    let line = try await program.line(containing: "ready ")
    result = .success(try await body(UInt16(line.dropFirst("ready ".count)) ?? 0))
  } catch {
    result = .failure(error)
  }
  program.signal(SIGKILL)
  await program.end()
  return try result.get()
}
