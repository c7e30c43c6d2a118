/// What a server says that it can do, in its answer to EHLO or LHLO.
struct SMTPExtensions: Hashable, Sendable {
  enum Mechanism: String, CaseIterable, Sendable {
    case plain = "PLAIN"
    case login = "LOGIN"
  }

  /// RFC 1870: the size of a mail may be declared.
  private(set) var hasSize = false
  /// The largest mail that the server takes: bytes. Nil if it told none.
  private(set) var longestMail: Int?
  /// RFC 6152: a mail may have bytes above 127.
  private(set) var hasEightBits = false
  /// RFC 3207.
  private(set) var hasStartTLS = false
  /// RFC 4954: those ways to log in that we know.
  private(set) var mechanisms: Set<Mechanism> = []

  /// Nothing is known of a server that knows HELO alone.
  static let none = SMTPExtensions(hello: SMTPReply(code: 250, lines: []))

  /// The first line of the answer is a greeting, each other one an extension. What makes no sense is not there.
  init(hello: SMTPReply) {
    for line in hello.lines.dropFirst() {
      let words = line.uppercased().split(separator: " ").map(String.init)
      switch words.first {
      case "SIZE":
        hasSize = true
        if words.count == 2, let size = Int(words[1]), size > 0 { longestMail = size }
      case "8BITMIME": hasEightBits = true
      case "STARTTLS": hasStartTLS = true
      case "AUTH": mechanisms.formUnion(words.dropFirst().compactMap(Mechanism.init))
      // As servers wrote it before the standard.
      case let word? where word.hasPrefix("AUTH="):
        mechanisms.formUnion(([String(word.dropFirst(5))] + words.dropFirst()).compactMap(Mechanism.init))
      default: break
      }
    }
  }
}
