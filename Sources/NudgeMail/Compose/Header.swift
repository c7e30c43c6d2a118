/// The header of a mail while it is written: fields in the order they are added, folded to lines of at most 76
/// characters wherever a space allows it.
struct Header {
  /// Characters in a line.
  static let longestLine = 76

  private(set) var bytes: [UInt8] = []

  init() { bytes.reserveCapacity(Self.usualLength) }

  /// Bytes that a header has room for before it is moved.
  private static let usualLength = 1_024

  /// A field whose value is ASCII already. Folded before each piece that does not fit; pieces are set apart by a space.
  mutating func add(_ name: String, pieces: [String]) {
    bytes += name.utf8
    bytes.append(UInt8(ascii: ":"))
    var column = name.utf8.count + 1
    for piece in pieces {
      if column + 1 + piece.utf8.count > Self.longestLine && column > 0 {
        endLine()
        column = 0
      }
      bytes.append(UInt8(ascii: " "))
      bytes += piece.utf8
      column += 1 + piece.utf8.count
    }
    endLine()
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
    if (1...room(after: name)).contains(text.utf8.count) { return [text] }
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
    let phrase = Mailbox.areAtoms(name.utf8, between: UInt8(ascii: " ")) ? name : quoted(name)
    return phrase.utf8.count <= room ? phrase : nil
  }

  private func quoted(_ name: String) -> String {
    "\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }

  private mutating func endLine() {
    bytes.append(UInt8(ascii: "\r"))
    bytes.append(UInt8(ascii: "\n"))
  }
}
