import Foundation
import Testing

@testable import NudgeMail

/// What is done eight bytes at a time, beside the same done byte by byte.
@Suite("Eight bytes at a time") struct ComposeEightBytesTests {
  @Test("show the first byte that is meant as one look at each shows it")
  func marks() {
    var source = HostileSource(seed: 8)
    for _ in 0..<20_000 {
      let bytes = (0..<8).map { _ in UInt8(source.pick([source.number(below: 256), 0x3C + source.number(below: 3)])) }
      let bound = UInt8(source.number(below: 0x80) + 1)
      bytes.withUnsafeBufferPointer {
        let eight = EightBytes(at: $0.baseAddress!)
        func first(_ isMeant: (UInt8) -> Bool) -> Int { bytes.firstIndex(where: isMeant) ?? bytes.count }
        #expect(eight.marks(below: bound).leading == first { $0 < bound }, "\(bytes) below \(bound)")
        #expect(eight.marks(from: bound).leading == first { $0 >= bound }, "\(bytes) from \(bound)")
        #expect(eight.marks(of: 0x3D).leading == first { $0 == 0x3D }, "\(bytes)")
        #expect(eight.marks(of: 0x3D).isEmpty == !bytes.contains(0x3D))
      }
    }
  }

  @Test("are quoted as one scalar after the other is", arguments: 0..<400 as Range<UInt64>)
  func quotedPrintable(seed: UInt64) {
    var source = HostileSource(seed: seed)
    let text = source.text() + String(repeating: "plain text, ", count: source.number(below: 12)) + source.line()
    #expect(QuotedPrintable.encode(text) == Array(Self.quoted(text).utf8), "\(text.debugDescription)")
  }

  private static func quoted(_ text: String) -> String {
    var lines: [[Unicode.Scalar]] = [[]]
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      if scalar == "\r" || (scalar == "\n" && previous != "\r") { lines.append([]) }
      if scalar != "\r" && scalar != "\n" { lines[lines.count - 1].append(scalar) }
      previous = scalar
    }
    return lines.map(quoted(line:)).joined(separator: "\r\n")
  }

  private static func quoted(line: [Unicode.Scalar]) -> String {
    var (text, column) = ("", 0)
    for (index, scalar) in line.enumerated() {
      let isLast = index == line.count - 1
      let isTouched = scalar == "." || line[index...].starts(with: "From ".unicodeScalars)
      let isPlain = scalar == " " || scalar == "\t" ? !isLast : scalar != "=" && ("!"..."~").contains(scalar)
      let escaped = UTF8.encode(scalar)!.map { String(format: "=%02X", $0) }.joined()
      if column + (isPlain ? 1 : escaped.count) > (isLast ? 76 : 75) { (text, column) = (text + "=\r\n", 0) }
      let written = isPlain && !(column == 0 && isTouched) ? String(scalar) : escaped
      (text, column) = (text + written, column + written.count)
    }
    return text
  }

  @Test("have the defects that a look at each byte finds", arguments: 0..<400 as Range<UInt64>)
  func defects(seed: UInt64) {
    var source = HostileSource(seed: seed)
    let lengths = [0, 3, 7, 8, 9, 74, 997, 998, 999]
    var mail = "x"
    for _ in 0..<source.number(below: 5) {
      mail += String(repeating: source.pick(["x", "\t", "é"]), count: source.pick(lengths))
      mail += source.number(below: 9) == 0 ? source.pick(["\r", "\n", "\0", "\n\r", "\r\r\n"]) : "\r\n"
    }
    mail += String(repeating: "y", count: source.pick(lengths + [0, 1_000]))
    let letter = Letter(attemptID: "a-1", sender: "a@b.example", recipient: "c@d.example", bytes: Array(mail.utf8))
    #expect(letter.defect == Self.defect(of: letter.bytes), "\(mail.debugDescription)")
  }

  private static func defect(of mail: [UInt8]) -> String? {
    var (length, previous, isLong) = (0, UInt8(0), false)
    for byte in mail {
      if (byte == 0x0A) != (previous == 0x0D) { return "the mail has a line end other than CRLF" }
      if byte == 0 { return "the mail has a byte that is zero" }
      length = byte == 0x0A ? 0 : length + 1
      isLong = isLong || length > 999  // its CR included
      previous = byte
    }
    if previous == 0x0D { return "the mail has a line end other than CRLF" }
    return isLong ? "the mail has a line of more than 998 bytes" : nil
  }

  @Test("become base64 as Foundation writes it")
  func base64() {
    var source = HostileSource(seed: 64)
    for length in 0..<200 {
      let bytes = (0..<length).map { _ in UInt8(source.number(below: 256)) }
      var text = Array("before ".utf8)
      Base64.write(bytes, to: &text)
      #expect(String(decoding: text, as: UTF8.self) == "before " + Data(bytes).base64EncodedString())
    }
  }

  @Test("a variable's place is its number among all")
  func places() {
    #expect(MailVariable.allCases.map(\.place) == Array(MailVariable.allCases.indices))
  }
}
