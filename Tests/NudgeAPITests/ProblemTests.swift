import NudgeAPI
import Testing

@Suite("Problems") struct ProblemTests {
  static let table: [(Problem.Code, String, Int, Exit)] = [
    (.malformed, "malformed", 400, .refused), (.notFound, "not_found", 404, .refused),
    (.methodNotAllowed, "method_not_allowed", 405, .failed), (.wrongState, "wrong_state", 409, .refused),
    (.tooLarge, "too_large", 413, .refused), (.unsupportedMediaType, "unsupported_media_type", 415, .refused),
    (.invalid, "invalid", 422, .refused), (.draining, "draining", 503, .tryAgain),
    (.overloaded, "overloaded", 503, .tryAgain), (.diskFull, "disk_full", 503, .tryAgain),
    (.internal, "internal", 500, .failed),
  ]

  @Test("each code has its type, status and exit", arguments: table)
  func hasItsRow(code: Problem.Code, name: String, status: Int, exit: Exit) {
    #expect(code.type == "urn:nudged:problem:\(name)")
    #expect(code.status == status)
    #expect(code.exitCode == exit)
    #expect(Problem.Code(type: code.type) == code)
    #expect(!code.title.isEmpty && !code.title.hasSuffix("."))
  }

  @Test("the table is whole, and the exits are those of sysexits.h")
  func isWhole() {
    #expect(Self.table.map(\.0) == Problem.Code.allCases)
    #expect(Exit.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 69, 75])
  }

  @Test("a problem is written by RFC 9457 and read again")
  func roundTrips() throws {
    let problem = Problem(
      .invalid, "2 are wrong", errors: [.init(pointer: "/a", detail: "b"), .init(pointer: "", detail: "c")])
    #expect(
      problem.json.text == """
        {"type":"urn:nudged:problem:invalid","title":"Values are invalid","status":422,"detail":"2 are wrong",\
        "errors":[{"pointer":"/a","detail":"b"},{"pointer":"","detail":"c"}]}
        """)
    #expect(try Problem(json: problem.json) == problem)
    for code in Problem.Code.allCases { #expect(try Problem(json: Problem(code, "d").json) == Problem(code, "d")) }
  }

  @Test("what can be tried again says when")
  func retryAfter() {
    #expect(Problem(.draining, "d").retryAfter == 1)
    #expect(Problem(.overloaded, "d", retryAfter: 9).retryAfter == 9)
    #expect(Problem(.invalid, "d").retryAfter == nil)
  }
}
