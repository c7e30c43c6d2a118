/// The content of a mail, once as text and once as HTML: multipart/alternative, the text first.
struct Alternative {
  private let text: [UInt8]
  private let html: [UInt8]
  let boundary: String

  /// The boundary is the same for equal mails. It begins with `=_`, which quoted-printable never writes, so no part
  /// can contain it.
  init(text: [UInt8], html: [UInt8], messageID: String) {
    self.text = text
    self.html = html
    boundary = "=_nudged_" + String(Self.hash(Array(messageID.utf8), text, html), radix: 36)
  }

  /// From the empty line after the header on.
  func write(into bytes: inout [UInt8]) {
    write(text, type: "text/plain", into: &bytes)
    write(html, type: "text/html", into: &bytes)
    bytes += "\r\n--\(boundary)--\r\n".utf8
  }

  private func write(_ content: [UInt8], type: String, into bytes: inout [UInt8]) {
    bytes += "\r\n--\(boundary)\r\nContent-Type: \(type); charset=utf-8\r\n".utf8
    bytes += "Content-Transfer-Encoding: quoted-printable\r\n\r\n".utf8
    QuotedPrintable.encode(content, into: &bytes)
  }

  /// FNV-1a, 64 bits; a byte that UTF-8 does not have sets the texts apart.
  private static func hash(_ texts: [UInt8]...) -> UInt64 {
    func adding(_ byte: UInt8, to hash: UInt64) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return texts.reduce(0xCBF2_9CE4_8422_2325) { hash, text in
      adding(0xFF, to: text.withUnsafeBufferPointer { $0.reduce(hash) { adding($1, to: $0) } })
    }
  }
}
