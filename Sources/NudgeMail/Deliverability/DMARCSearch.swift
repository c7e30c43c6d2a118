/// The DMARC record that holds for a domain: its own, or that of the nearest domain above it which has one.
package enum DMARCSearch {
  package enum Result: Hashable, Sendable {
    case none
    case record(DMARCRecord, at: String)
    case several(at: String, count: Int)
    case broken(DMARCError, at: String)
    case unknown(String)
  }

  /// Labels that a name is cut to when it has more: the standard's bound on the way up.
  private static let mostLabels = 7
  private static let prefix = "_dmarc."

  package static func of(_ domain: String, _ dns: DNSLookups) async -> Result {
    for place in places(for: domain) {
      switch await dns.answer(prefix + place, .txt) {
      case .unknown(let why): return .unknown("TXT of \(prefix)\(place): \(why)")
      case .nothing: continue
      case .records(let records):
        let texts = records.map(\.text).filter(DMARCRecord.isDMARC)
        guard let text = texts.first else { continue }
        guard texts.count == 1 else { return .several(at: place, count: texts.count) }
        do throws(DMARCError) {
          return .record(try DMARCRecord(parsing: text), at: place)
        } catch {
          return .broken(error, at: place)
        }
      }
    }
    return .none
  }

  /// The domain, and the domains above it that may hold its record; a top-level domain is asked for, too, since some
  /// are run by one organization.
  static func places(for domain: String) -> [String] {
    let labels = domain.split(separator: ".")
    var above = labels.dropFirst()
    if above.count > mostLabels { above = above.suffix(mostLabels) }
    var places = [domain]
    while !above.isEmpty {
      places.append(above.joined(separator: "."))
      above = above.dropFirst()
    }
    return places
  }
}
