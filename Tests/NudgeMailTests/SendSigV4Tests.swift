import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("Signature Version 4") struct SendSigV4Tests {
  private static let folder = Repository.root.appending(path: "Tests/NudgeMailTests/Vectors/sigv4")
  /// 2015-08-30T12:36:00Z
  private static let time = Moment(milliseconds: 1_440_938_160_000)

  static let vectors: [String] = {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0 != "LICENSE" && $0 != "NOTICE" }.sorted()
  }()

  @Test("all the published vectors are there")
  func count() {
    #expect(Self.vectors.count == 34)
  }

  @Test("a published vector is signed as published", arguments: vectors)
  func vector(name: String) throws {
    func part(_ ending: String) throws -> String {
      let url = Self.folder.appending(path: "\(name)/\(name).\(ending)")
      return try String(contentsOf: url, encoding: .utf8).replacing("\r", with: "")
    }
    var request = try Self.request(part("req"))
    // One case leaves it to the signer to add the token.
    let token = try part("creq").firstMatch(of: /x-amz-security-token:(.*)/).map { String($0.1) }
    if let token, !request.headers.contains(where: { $0.name == "X-Amz-Security-Token" }) {
      request.headers.append(.init("X-Amz-Security-Token", token))
    }
    let signer = SigV4(
      credentials: AWSCredentials(
        accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
      region: "us-east-1", service: "service")
    let canonical = CanonicalRequest(request)
    #expect(try canonical.text == part("creq"))
    #expect(try signer.stringToSign(canonical, at: SigningTime(Self.time)) == part("sts"))
    #expect(try signer.authorization(of: request, at: SigningTime(Self.time)) == part("authz"))
  }

  /// Reads a request as the vectors write it: the target as it is, a header's folded lines below it.
  private static func request(_ text: String) throws -> SigV4.Request {
    let parts = text.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
    let lines = parts[0].split(separator: "\n")
    let words = lines[0].split(separator: " ")
    let target = words.dropFirst().dropLast().joined(separator: " ")
    let halves = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var query: [SigV4.Request.Field] = []
    for pair in halves.dropFirst().joined().split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      query.append(.init(unescaped(sides[0]), sides.count == 1 ? "" : unescaped(sides[1])))
    }
    var headers: [SigV4.Request.Field] = []
    for line in lines.dropFirst() {
      if line.hasPrefix(" ") {
        headers[headers.count - 1].value += "\n" + line
      } else {
        let sides = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        headers.append(.init(sides[0], sides[1]))
      }
    }
    return SigV4.Request(
      method: String(words[0]), path: String(halves[0]), query: query, headers: headers,
      body: parts.count == 1 ? [] : Array(parts[1].utf8))
  }

  private static func unescaped(_ text: String) -> String { text.removingPercentEncoding ?? text }

  @Test("a thousand random requests are signed as botocore signs them")
  func botocore() async throws {
    var numbers = SeededNumbers(state: 20_261_122)
    let cases = (0..<1_000).map { _ in RandomRequest(using: &numbers) }
    let input = try cases.map { try JSONSerialization.data(withJSONObject: $0.asJSON) + Data("\n".utf8) }
    let result = try await Program.run(
      Repository.python, [Repository.oracle("sigv4").path], input: input.reduce(Data(), +))
    try #require(result.status == 0, "\(result.errorText)")
    let answers = result.text.split(separator: "\n")
    try #require(answers.count == cases.count)
    for (random, answer) in zip(cases, answers) {
      let said = try #require(try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: String])
      #expect(CanonicalRequest(random.request).text == said["canonical_request"])
      #expect(random.signer.authorization(of: random.request, at: SigningTime(random.time)) == said["authorization"])
    }
  }

  @Test("a signed request carries its time, its token and its signature, and signs what it had before")
  func signed() {
    let signer = SigV4(
      credentials: AWSCredentials(accessKeyID: "id", secretAccessKey: "secret", sessionToken: "token"),
      region: "eu-west-1", service: "ses")
    let signed = signer.signed(
      .init(method: "POST", path: "/", headers: [.init("Host", "h"), .init("Content-Type", "c")], body: []),
      at: Moment(milliseconds: -1))
    let values = Dictionary(uniqueKeysWithValues: signed.headers.map { ($0.name, $0.value) })
    #expect(values["X-Amz-Date"] == "19691231T235959Z")
    #expect(values["X-Amz-Security-Token"] == "token")
    let names = "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token,"
    #expect(values["Authorization"]?.contains(names) == true)
  }

  @Test("the time is that of Foundation's calendar, leap years and all")
  func calendar() {
    let format = DateFormatter()
    format.locale = Locale(identifier: "en_US_POSIX")
    format.timeZone = TimeZone(identifier: "UTC")
    format.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
    for day in stride(from: -20_000, to: 60_000, by: 13) {
      let seconds = day * 86_400 + day & 0xffff
      let expected = format.string(from: Date(timeIntervalSince1970: Double(seconds)))
      #expect(SigningTime(Moment(milliseconds: Int64(seconds) * 1_000)).text == expected)
    }
  }
}

/// A request that a server would hardly see: hostile paths, queries, headers and bodies.
private struct RandomRequest {
  var request: SigV4.Request
  var signer: SigV4
  var time: Moment
  private var host: String

  init(using numbers: inout SeededNumbers) {
    func text(_ alphabet: [String], _ lengths: ClosedRange<Int>) -> String {
      (0..<Int.random(in: lengths, using: &numbers)).map { _ in alphabet.randomElement(using: &numbers)! }.joined()
    }
    let plain = "abcxyzABCXYZ0189-_.~".map(String.init)
    let odd = ["%20", "%2F", "%", "ä", "ሴ", "😀", "+", "&", "=", ";", ":", "@", "!", "$", "'", "(", ")", "*", ",", " "]
    let pathPieces = plain + odd + ["/", "/", "//", "/./", "/../", "/..", "/."]
    let queryPieces = plain + odd + ["/", "?", "#", "[", "]", "\"", "\\"]
    let headerPieces = plain + odd + [" ", "  ", "\t", "\"a  b\"", "/", "<", ">"]
    host = text(plain.filter { $0.first!.isLetter }, 1...12).lowercased() + ".example"
    time = Moment(milliseconds: .random(in: 0...4_000_000_000_000, using: &numbers))
    let token = Bool.random(using: &numbers) ? text(plain + ["/", "+", "="], 1...60) : nil
    signer = SigV4(
      credentials: AWSCredentials(
        accessKeyID: text(plain, 1...20), secretAccessKey: text(plain + ["/", "+"], 1...40), sessionToken: token),
      region: text(["eu", "us", "-", "west", "1"], 1...5), service: text(["ses", "email", "x"], 1...2))
    var headers = [SigV4.Request.Field("Host", host), .init("X-Amz-Date", SigningTime(time).text)]
    if let token { headers.append(.init("X-Amz-Security-Token", token)) }
    let names = (0..<3).map { _ in "X-" + text(plain.filter { $0 != "~" && $0 != "." }, 1...8) }
    for _ in 0..<Int.random(in: 0...6, using: &numbers) {
      headers.append(.init(names.randomElement(using: &numbers)!, text(headerPieces, 0...12)))
    }
    headers.shuffle(using: &numbers)
    let query = (0..<Int.random(in: 0...5, using: &numbers)).map { _ in
      SigV4.Request.Field(text(queryPieces, 1...4), text(queryPieces, 0...8))
    }
    request = SigV4.Request(
      method: ["GET", "POST", "PUT", "DELETE"].randomElement(using: &numbers)!, path: "/" + text(pathPieces, 0...12),
      query: query, headers: headers,
      body: (0..<Int.random(in: 0...200, using: &numbers)).map { _ in .random(in: 0...255, using: &numbers) })
  }

  var asJSON: [String: Any] {
    [
      "method": request.method, "host": host, "path": request.path,
      "query": request.query.map { [$0.name, $0.value] }, "headers": request.headers.map { [$0.name, $0.value] },
      "body": Data(request.body).base64EncodedString(), "timestamp": SigningTime(time).text,
      "access_key": signer.credentials.accessKeyID, "secret_key": signer.credentials.secretAccessKey,
      "token": signer.credentials.sessionToken ?? NSNull(), "region": signer.region, "service": signer.service,
    ]
  }
}
