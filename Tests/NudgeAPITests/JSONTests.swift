import Foundation
import NudgeAPI
import TestKit
import Testing

@Suite("JSON") struct JSONTests {
  static let valid: [(String, JSON)] = [
    ("null", .null), (" true ", true), ("false\n", false), ("0", 0), ("-0", .number("-0")), ("12.50", .number("12.50")),
    ("1E+2", .number("1E+2")), ("123456789012345678901234567890", .number("123456789012345678901234567890")),
    (#""""#, ""), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#""\u00e9\uD83D\uDE00""#, "é😀"),
    (#""é日本😀""#, "é日本😀"), ("[]", []), ("[ 1 , [ 2 ] ]", [1, [2]]), ("{}", [:]),
    (#"{"a":1,"A":2,"":3}"#, ["a": 1, "A": 2, "": 3]), ("\t\r\n {\"a\"\n:\t[]}", ["a": []]),
    // The same letter composed and decomposed: two names.
    ("{\"\u{E9}\":1,\"e\u{301}\":2}", .object([.init("\u{E9}", 1), .init("e\u{301}", 2)])),
  ]

  @Test("valid documents are read", arguments: valid)
  func reads(text: String, expected: JSON) throws {
    #expect(try JSON(parsing: text) == expected)
  }

  static let invalid: [(String, offset: Int, reason: String)] = [
    ("", 0, "the end"), ("  ", 2, "the end"), ("nul", 0, "a value"), ("TRUE", 0, "a value"), ("01", 1, "begin with 0"),
    ("-", 1, "digit"), ("1.", 2, "digit"), (".5", 0, "a value"), ("1e", 2, "digit"), ("+1", 0, "a value"),
    ("NaN", 0, "a value"), ("Infinity", 0, "a value"), ("1 2", 2, "the end after"), ("[1,]", 3, "a value"),
    ("[1 2]", 3, ", or ]"), ("[", 1, "the end"), (#"{"a":1,}"#, 7, "double quotes"), ("{a:1}", 1, "double quotes"),
    (#"{"a" 1}"#, 5, "expected :"), (#"{"a":1 "b":2}"#, 7, ", or }"), (#"{"a":1,"b":2,"a":3}"#, 13, "twice"),
    (#""abc"#, 4, "does not end"), (#""a\"#, 3, "does not end"), (#""\x""#, 1, "no such escape"),
    (#""\u12G4""#, 5, "four hexadecimal"), (#""\uD83D""#, 1, "surrogate"), (#""\uDE00\uD83D""#, 1, "surrogate"),
    (#""\uD83Dx""#, 1, "surrogate"), ("\"a\nb\"", 2, "control character"), ("\"a\u{0}\"", 2, "control character"),
    ("'a'", 0, "a value"), ("// a", 0, "a value"), ("\u{FEFF}1", 0, "byte order mark"), ("\u{A0}1", 0, "a value"),
  ]

  @Test("invalid documents are refused, with the place and the reason", arguments: invalid)
  func refuses(text: String, offset: Int, reason: String) {
    let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: text) }
    #expect(error?.offset == offset)
    #expect(error?.reason.contains(reason) == true, "\(error?.reason ?? "read")")
  }

  @Test("bytes that are not UTF-8 are refused where they are")
  func refusesBadUnicode() {
    for bad: [UInt8] in [[0xFF], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
      let document = Array("[\"é".utf8) + bad + Array("\"]".utf8)
      let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: document) }
      #expect(error?.offset == 4)
    }
  }

  @Test("an error says line and column")
  func placesErrors() {
    let error = #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: "{\n  \"a\": 1,\n  b\n}") }
    #expect(error?.description == "line 3, column 3: expected the name of a member in double quotes")
  }

  @Test("64 levels are read, 65 are refused")
  func boundsDepth() throws {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    _ = try JSON(parsing: nested(JSON.depthLimit))
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: nested(JSON.depthLimit + 1)) }
    #expect(throws: JSON.SyntaxError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 100_000)) }
  }

  @Test("a name is found twice among many, too")
  func findsDuplicatesAmongMany() throws {
    let many = (0..<40).map { "\"n\($0)\":0" }
    _ = try JSON(parsing: "{\(many.joined(separator: ","))}")
    for twice in [0, 17, 39] {
      #expect(throws: JSON.SyntaxError.self) {
        try JSON(parsing: "{\((many + ["\"n\(twice)\":1"]).joined(separator: ","))}")
      }
    }
  }

  @Test("what is written is read again as the same")
  func roundTrips() throws {
    var random = Dice(seed: 7)
    for _ in 0..<500 {
      let json = random.json(depth: 5)
      #expect(try JSON(parsing: json.bytes) == json)
    }
  }

  @Test("Python's reader takes and refuses the same 6,000 random and hostile documents, and reads the same")
  func agreesWithPython() async throws {
    var random = Dice(seed: 20_261_122)
    var documents = Self.valid.map { Array($0.0.utf8) } + Self.invalid.map { Array($0.0.utf8) }
    while documents.count < 6_000 {
      let document = random.document(depth: 5)
      documents.append(document)
      documents.append(random.mutated(document))
      documents.append(random.mutated(random.mutated(document)))
    }
    let input = Data(documents.map { hexadecimal($0) + "\n" }.joined().utf8)
    let result = try await Program.run(Repository.python, [Repository.oracle("json_reading").path], input: input)
    let answers = result.text.split(separator: "\n")
    try #require(answers.count == documents.count, "\(result.errorText)")
    var refused = 0
    for (document, answer) in zip(documents, answers) {
      let ours = (try? JSON(parsing: document)).map { hexadecimal($0.bytes) } ?? "-"
      if ours == "-" { refused += 1 }
      #expect(ours == answer, "\(String(decoding: document, as: UTF8.self).debugDescription)")
    }
    #expect((1_000..<5_000).contains(refused), "the documents should be of both kinds; refused: \(refused)")
  }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
