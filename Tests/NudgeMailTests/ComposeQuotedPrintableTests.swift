import Testing

@testable import NudgeMail

@Suite("Quoted-printable") struct ComposeQuotedPrintableTests {
  @Test(
    "encodes what mail servers would change, and nothing else",
    arguments: [
      ("", ""),
      ("plain text!", "plain text!"),
      ("a=b", "a=3Db"),
      ("é\t€", "=C3=A9\t=E2=82=AC"),
      ("end \nend\t\n", "end=20\r\nend=09\r\n"),
      ("one\rtwo\r\nthree\nfour\n\r", "one\r\ntwo\r\nthree\r\nfour\r\n\r\n"),
      (".dot\n..\n.", "=2Edot\r\n=2E.\r\n=2E"),
      ("From here\nFromage\n From x", "=46rom here\r\nFromage\r\n From x"),
      ("\0\u{B}\u{85}\u{2028}", "=00=0B=C2=85=E2=80=A8"),
      (" ", "=20"),
    ])
  func table(text: String, encoded: String) {
    #expect(String(decoding: QuotedPrintable.encode(text), as: UTF8.self) == encoded)
  }

  @Test("breaks long lines softly at 76 characters, and only those", arguments: [75, 76, 77, 151, 152])
  func longLines(length: Int) {
    let lines = String(decoding: QuotedPrintable.encode(String(repeating: "x", count: length)), as: UTF8.self)
      .split(separator: "\r\n")
    let expected = [75: [75], 76: [76], 77: [76, 2], 151: [76, 76], 152: [76, 76, 2]]
    #expect(lines.map(\.count) == expected[length])
    #expect(lines.dropLast().allSatisfy { $0.last == "=" })
  }

  @Test("guards the start of a line that a soft break makes", arguments: [".", "From "])
  func afterSoftBreak(start: String) {
    let text = String(repeating: "x", count: 75) + start + "tail"
    let lines = String(decoding: QuotedPrintable.encode(text), as: UTF8.self).split(separator: "\r\n")
    #expect(lines[1] == (start == "." ? "=2Etail" : "=46rom tail"))
  }

  @Test("keeps the bytes of a scalar on one line")
  func scalars() {
    let lines = String(decoding: QuotedPrintable.encode(String(repeating: "😀", count: 20)), as: UTF8.self)
      .split(separator: "\r\n")
    #expect(lines.allSatisfy { ($0.count - ($0.last == "=" ? 1 : 0)) % 12 == 0 })
  }
}
