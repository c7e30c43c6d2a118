/// What a domain publishes about who may send in its name (RFC 7208).
package struct SPFRecord: Hashable, Sendable {
  /// What a mechanism says of whom it matches.
  package enum Verdict: Character, Sendable {
    case pass = "+"
    case fail = "-"
    case softFail = "~"
    case neutral = "?"
  }

  package enum Mechanism: Hashable, Sendable {
    case all
    case include(String)
    /// `a`, `mx`, `ptr` or `exists`: matches hosts that DNS names.
    case lookup
    /// `ip4` or `ip6`; `isEverybody` if no bit of the address matters.
    case address(isEverybody: Bool)
  }

  package struct Directive: Hashable, Sendable {
    package var verdict: Verdict
    package var mechanism: Mechanism
  }

  package var directives: [Directive] = []
  /// Whose record holds where no directive matches.
  package var redirect: String?

  /// True if the text of a TXT record is meant as SPF.
  package static func isSPF(_ text: String) -> Bool {
    let start = text.prefix { $0 != " " }
    return start.lowercased() == "v=spf1"
  }

  package init(parsing text: String) throws(SPFError) {
    var names: Set<String> = []
    for term in text.split(separator: " ").dropFirst() {
      if let (name, value) = Self.modifier(term) {
        guard name == "redirect" || name == "exp" else {
          guard SPFDomain.isMacroString(value) else { throw .term(String(term)) }
          continue
        }
        guard names.insert(name).inserted else { throw .twice(name) }
        guard SPFDomain.isDomain(value) else { throw .term(String(term)) }
        if name == "redirect" { redirect = String(value) }
      } else {
        directives.append(try Self.directive(term))
      }
    }
  }

  /// `name=value`; nil for a mechanism, which has no `=` before its first `:` or `/`.
  private static func modifier(_ term: Substring) -> (name: String, value: Substring)? {
    guard let equals = term.firstIndex(where: { "=:/".contains($0) }), term[equals] == "=" else { return nil }
    let name = term[..<equals]
    guard let first = name.utf8.first, SPFDomain.isLetter(first), name.utf8.allSatisfy(SPFDomain.isNameText) else {
      return nil
    }
    return (name.lowercased(), term[term.index(after: equals)...])
  }

  private static func directive(_ term: Substring) throws(SPFError) -> Directive {
    let verdict = term.first.flatMap(Verdict.init(rawValue:))
    let rest = verdict == nil ? term : term.dropFirst()
    let name = rest.prefix { $0 != ":" && $0 != "/" }.lowercased()
    guard let mechanism = mechanism(name, rest.dropFirst(name.count)) else { throw .term(String(term)) }
    return Directive(verdict: verdict ?? .pass, mechanism: mechanism)
  }

  /// - Parameter rest: what follows the name: `:domain`, `/24`, both or nothing.
  private static func mechanism(_ name: String, _ rest: Substring) -> Mechanism? {
    let argument = rest.first == ":" ? rest.dropFirst() : nil
    switch name {
    case "all": return rest.isEmpty ? .all : nil
    case "include": return argument.flatMap { SPFDomain.isDomain($0) ? .include(String($0)) : nil }
    case "exists": return argument.map(SPFDomain.isDomain) == true ? .lookup : nil
    case "ptr": return rest.isEmpty || argument.map(SPFDomain.isDomain) == true ? .lookup : nil
    case "a", "mx": return SPFDomain.isDomainWithPrefix(rest) ? .lookup : nil
    case "ip4": return argument.flatMap { SPFNetwork(ip4: $0) }.map { .address(isEverybody: $0.prefix == 0) }
    case "ip6": return argument.flatMap { SPFNetwork(ip6: $0) }.map { .address(isEverybody: $0.prefix == 0) }
    default: return nil
    }
  }
}

/// Why a record is none: what every receiver takes for a lasting mistake (`permerror`).
package enum SPFError: Error, Hashable, Sendable {
  case term(String)
  case twice(String)
  case several(domain: String, count: Int)
  case missing(domain: String)
  case lookups
}

extension SPFError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .term(let term): "\"\(term)\" cannot be understood"
    case .twice(let name): "\(name)= is there twice"
    case .several(let domain, let count): "\(domain) has \(count) SPF records, and may have one only"
    case .missing(let domain): "it names \(domain), which has no SPF record"
    case .lookups: "it takes more than \(SPFEvaluation.mostLookups) lookups in DNS, counted with all that it includes"
    }
  }
}
