/// What is known of a domain without asking anybody.
package enum MailDomain {
  /// Names that no mail on the Internet comes from: RFC 2606, RFC 6761, RFC 6762, RFC 8375 and ICANN's `internal`.
  package static func isReserved(_ domain: String) -> Bool {
    let labels = domain.lowercased().split(separator: ".")
    guard labels.count > 1, let top = labels.last else { return true }
    if reservedTops.contains(String(top)) { return true }
    let end = labels.suffix(2).joined(separator: ".")
    return reservedEnds.contains(end)
  }

  /// Providers of mailboxes for everybody: only their own servers may send in their name.
  package static func isFreemail(_ domain: String) -> Bool {
    let domain = domain.lowercased()
    if freemail.contains(domain) { return true }
    let brand = domain.prefix { $0 != "." }
    return brands.contains(String(brand))
      && domain.dropFirst(brand.count).split(separator: ".").allSatisfy {
        $0.count <= longestCountry
      }
  }

  /// Of `co.uk` and its like, the longer part.
  private static let longestCountry = 3
  private static let reservedTops: Set = [
    "example", "test", "invalid", "localhost", "local", "internal", "onion", "lan", "home", "corp", "localdomain",
  ]
  private static let reservedEnds: Set = ["example.com", "example.net", "example.org", "home.arpa"]
  /// Those that have a domain in many countries.
  private static let brands: Set = ["yahoo", "hotmail", "outlook", "live", "gmx", "yandex", "ymail"]
  private static let freemail: Set = [
    "gmail.com", "googlemail.com", "msn.com", "passport.com", "aol.com", "aim.com", "rocketmail.com", "icloud.com",
    "me.com", "mac.com", "web.de", "t-online.de", "freenet.de", "arcor.de", "mail.de", "posteo.de", "mailbox.org",
    "mail.com", "email.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "rambler.ru", "ya.ru", "proton.me",
    "protonmail.com", "pm.me", "zoho.com", "zohomail.com", "fastmail.com", "hushmail.com", "tutanota.com", "tuta.io",
    "qq.com", "163.com", "126.com", "yeah.net", "sina.com", "sohu.com", "naver.com", "hanmail.net", "daum.net",
    "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "libero.it", "virgilio.it", "alice.it", "tin.it",
    "bluewin.ch", "seznam.cz", "centrum.cz", "wp.pl", "o2.pl", "onet.pl", "interia.pl", "abv.bg", "ukr.net",
    "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "cox.net", "btinternet.com", "bol.com.br",
    "uol.com.br", "terra.com.br", "rediffmail.com",
  ]
}
