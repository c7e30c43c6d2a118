/// The header of a mail while it is written: fields in the order they are added, folded to lines of at most 76
/// characters wherever a space allows it.
struct Header {
  /// Characters in a line.
  static let longestLine = 76

  private(set) var bytes: [UInt8] = []

  /// A field whose value is ASCII already. Folded before each piece that does not fit; pieces are set apart by a space.
  mutating func add(_ name: String, pieces: [String]) {
    var column = 0
    write(name + ":", column: &column)
    for piece in pieces {
      if column + 1 + piece.utf8.count > Self.longestLine && column > 0 {
        bytes += [0x0D, 0x0A]
        column = 0
      }
      write(" " + piece, column: &column)
    }
    bytes += [0x0D, 0x0A]
  }

  /// A field of free text: plain if it can be, else as encoded words.
  mutating func add(_ name: String, text: String) {
    add(name, pieces: plainPieces(of: text, after: name) ?? EncodedWord.words(for: text, first: room(after: name)))
  }

  /// A field of one mailbox.
  mutating func add(_ name: String, mailbox: Mailbox, address: String) {
    guard let display = mailbox.name, !display.isEmpty else { return add(name, pieces: [address]) }
    let room = room(after: name)
    let words = plainPhrase(display, room: room).map { [$0] } ?? EncodedWord.words(for: display, first: room)
    add(name, pieces: words + ["<\(address)>"])
  }

  /// How long a piece may be that stands on the line of the field's name.
  private func room(after name: String) -> Int {
    Self.longestLine - name.utf8.count - 2
  }

  /// The words of `text`, each but the first with the spaces before it but one; nil if it must be encoded.
  private func plainPieces(of text: String, after name: String) -> [String]? {
    guard EncodedWord.isPlain(text) else { return nil }
    let space = UInt8(ascii: " ")
    var pieces: [String] = []
    var rest = text.utf8[...]
    while let word = rest.firstIndex(where: { $0 != space }) {
      let end = rest[word...].firstIndex(of: space) ?? rest.endIndex
      pieces.append(String(rest[..<end])!)
      rest = rest[end...].dropFirst()
    }
    guard pieces.first?.utf8.count ?? 0 <= room(after: name) else { return nil }
    return pieces.allSatisfy { $0.utf8.count < Self.longestLine } ? pieces : nil
  }

  /// A display name as atoms or as a quoted string; nil if it must be encoded.
  private func plainPhrase(_ name: String, room: Int) -> String? {
    guard EncodedWord.isPlain(name) else { return nil }
    let atoms = name.split(separator: " ", omittingEmptySubsequences: false)
    let isAtoms = atoms.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Mailbox.isAtomText) }
    let phrase = isAtoms ? name : quoted(name)
    return phrase.utf8.count <= room ? phrase : nil
  }

  private func quoted(_ name: String) -> String {
    "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private mutating func write(_ text: String, column: inout Int) {
    bytes += text.utf8
    column += text.utf8.count
  }
}
