/// What a domain's SPF record comes to, with all that it includes: what a server that nobody named would get.
package struct SPFEvaluation: Hashable, Sendable {
  /// Lookups that one evaluation may take, RFC 7208 section 4.6.4.
  static let mostLookups = 10

  package enum Result: Hashable, Sendable {
    /// There is no record.
    case none
    case broken(SPFError)
    /// What a stranger gets; nil if the record does not say.
    case stranger(SPFRecord.Verdict?)
    /// Something could not be looked up, and why.
    case unknown(String)
  }

  package var result: Result
  /// Lookups that the evaluation takes.
  package var lookups: Int
  /// The domains whose records it takes in, in lower case.
  package var included: Set<String> = []
}

extension SPFEvaluation {
  /// Looks up the records of `domain`, and evaluates them for a server that no mechanism names.
  package static func of(_ domain: String, _ dns: DNSLookups) async -> SPFEvaluation {
    var walk = SPFWalk(dns: dns)
    do throws(SPFWalk.End) {
      let verdict = try await walk.verdict(of: domain, isFirst: true)
      return SPFEvaluation(result: .stranger(verdict), lookups: walk.lookups, included: walk.included)
    } catch {
      let result: Result =
        switch error {
        case .none: .none
        case .broken(let problem): .broken(problem)
        case .unknown(let why): .unknown(why)
        }
      return SPFEvaluation(result: result, lookups: walk.lookups)
    }
  }
}

/// Follows a record and what it includes, from left to right, as a receiver does.
private struct SPFWalk {
  enum End: Error {
    case none
    case broken(SPFError)
    case unknown(String)
  }

  let dns: DNSLookups
  private(set) var lookups = 0
  private(set) var included: Set<String> = []

  init(dns: DNSLookups) {
    self.dns = dns
  }

  mutating func verdict(of domain: String, isFirst: Bool = false) async throws(End) -> SPFRecord.Verdict? {
    let record = try await record(of: domain, isFirst: isFirst)
    for directive in record.directives {
      switch directive.mechanism {
      case .all: return directive.verdict
      case .address(let isEverybody): if isEverybody { return directive.verdict }
      case .lookup: try countLookup()
      case .include(let other):
        try countLookup()
        included.insert(other.lowercased())
        guard SPFDomain.isPlain(other) else { continue }  // whom a macro names depends on the mail
        if try await verdict(of: other) == .pass { return directive.verdict }
      }
    }
    guard let redirect = record.redirect else { return nil }
    try countLookup()
    guard SPFDomain.isPlain(redirect) else { return nil }
    return try await verdict(of: redirect)
  }

  private func record(of domain: String, isFirst: Bool) async throws(End) -> SPFRecord {
    switch await dns.answer(domain, .txt) {
    case .unknown(let why): throw .unknown("TXT of \(domain): \(why)")
    case .nothing: throw isFirst ? .none : .broken(.missing(domain: domain))
    case .records(let records):
      let texts = records.map(\.text).filter(SPFRecord.isSPF)
      guard let text = texts.first else { throw isFirst ? .none : .broken(.missing(domain: domain)) }
      guard texts.count == 1 else { throw .broken(.several(domain: domain, count: texts.count)) }
      do throws(SPFError) {
        return try SPFRecord(parsing: text)
      } catch {
        throw .broken(error)
      }
    }
  }

  private mutating func countLookup() throws(End) {
    lookups += 1
    if lookups > SPFEvaluation.mostLookups { throw .broken(.lookups) }
  }
}
