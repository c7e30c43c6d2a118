import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// moto: an SES that somebody else wrote, and that verifies signatures.
struct Moto: Decodable {
  var endpoint: String
  var accessKey: String
  var secretKey: String

  var credentials: AWSCredentials { AWSCredentials(accessKeyID: accessKey, secretAccessKey: secretKey) }

  func sender(_ credentials: AWSCredentials) throws -> SESSender {
    try SESSender(
      configuration: .init(
        region: "eu-west-1", endpoint: endpoint, timeouts: .init(connect: .seconds(600), answer: .seconds(600))),
      credentials: credentials,
      now: { Moment(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) })
  }

  /// The raw mails that it took, by their ids.
  func mails() async throws -> [String: [UInt8]] {
    let reply = try await Program.run(
      URL(filePath: "/usr/bin/curl"), ["--silent", "--fail", "\(endpoint)/moto-api/data.json"])
    let data = try JSONSerialization.jsonObject(with: reply.output) as? [String: Any]
    let messages = (data?["ses"] as? [String: Any])?["RawMessage"] as? [[String: Any]] ?? []
    var mails: [String: [UInt8]] = [:]
    for message in messages {
      guard let id = message["id"] as? String, let text = message["raw_data"] as? String else { continue }
      mails[id] = Array(text.utf8)
    }
    return mails
  }
}

/// Runs `body` with a moto of its own.
///
/// - Parameter isOpen: true if it is to take every signature.
func withMoto(isOpen: Bool = false, _ body: (Moto) async throws -> Void) async throws {
  let server = try Program(
    Repository.python, [Repository.oracle("ses_server").path, "cart@shop.example"] + (isOpen ? ["open"] : []))
  defer { server.signal(SIGKILL) }
  let line = try await server.line(containing: "ready ")
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  try await body(decoder.decode(Moto.self, from: Data(line.dropFirst("ready ".count).utf8)))
}

@Suite("moto, an independent SES that verifies signatures", .serialized) struct SendMotoTests {
  @Test("mails arrive byte for byte")
  func mails() async throws {
    try await withMoto { moto in
      let sender = try moto.sender(moto.credentials)
      var sent: [String: [UInt8]] = [:]
      for letter in [letter(), letter(extra: ["ends without a line end"]), largeLetter(bytes: 200_000)] {
        let delivery = await sender.deliver(letter)
        let id = try #require(delivery.providerID, "\(delivery)")
        sent[id] = letter.bytes
      }
      await sender.shutdown()
      #expect(try await moto.mails() == sent)
    }
  }

  @Test("a wrong secret, an unknown key and an unverified sender hold the sender, and no mail arrives")
  func refusals() async throws {
    try await withMoto { moto in
      var wrong = moto.credentials
      wrong.secretAccessKey = "wrong" + wrong.secretAccessKey
      var unknown = moto.credentials
      unknown.accessKeyID = "AKIAIOSFODNN7EXAMPLE"
      for credentials in [wrong, unknown] {
        let sender = try moto.sender(credentials)
        let delivery = await sender.deliver(letter())
        #expect(delivery.kind == .sender && delivery.error.contains("403"), "\(delivery)")
        await sender.shutdown()
      }
      let sender = try moto.sender(moto.credentials)
      var stranger = letter()
      stranger.sender = "nobody@elsewhere.example"
      let delivery = await sender.deliver(stranger)
      #expect(delivery.kind == .sender && delivery.error.contains("authority"), "\(delivery)")
      await sender.shutdown()
      #expect(try await moto.mails().isEmpty)
    }
  }
}
