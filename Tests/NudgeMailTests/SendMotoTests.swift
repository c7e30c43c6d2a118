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
  /// A role that may send, too.
  var roleArn: String

  var credentials: AWSCredentials { AWSCredentials(accessKeyID: accessKey, secretAccessKey: secretKey) }

  func sender(_ credentials: AWSCredentials) throws -> SESSender {
    try sender(FixedCredentials(credentials, from: "the test"))
  }

  /// From now on it takes nothing that is not signed rightly.
  func requireSignatures() async throws {
    _ = try await Program.run(
      URL(filePath: "/usr/bin/curl"),
      [
        "--silent", "--fail", "--header", "Content-Type: text/plain", "--data", "0",
        "\(endpoint)/moto-api/reset-auth",
      ])
  }

  func sender(_ credentials: any AWSCredentialsSource) throws -> SESSender {
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

@Suite("moto's STS and metadata service", .serialized) struct SendMotoCredentialsTests {
  @Test("keys that STS gives for a token send mail, with their session token verified")
  func webIdentity() async throws {
    try await withTemporaryFolder { folder in
      let token = folder.appending(path: "token")
      try Data("eyJhbGciOiJSUzI1NiJ9.e30.c2ln\n".utf8).write(to: token)
      try await withMoto(isOpen: true) { moto in
        let source = try credentialsChain([
          "AWS_WEB_IDENTITY_TOKEN_FILE": token.path, "AWS_ROLE_ARN": moto.roleArn,
          "AWS_ENDPOINT_URL_STS": moto.endpoint,
        ]).source()
        let keys = try await source.current()
        #expect(keys.sessionToken?.isEmpty == false)
        let now = Date().timeIntervalSince1970
        let life = Double(try #require(keys.expiresAt).milliseconds) / 1_000 - now
        #expect((3_000...3_700).contains(life), "an hour")
        // Only now: of requests without a signature, as those to STS are, moto can make nothing then.
        try await moto.requireSignatures()
        let sender = try moto.sender(source)
        let delivery = await sender.deliver(letter())
        #expect(delivery.kind == .accepted, "\(delivery)")
        await sender.shutdown()
        var stolen = keys
        stolen.sessionToken = "wrong"
        let other = try moto.sender(stolen)
        let refusal = await other.deliver(letter())
        #expect(refusal.kind == .sender && !refusal.error.contains(keys.secretAccessKey), "\(refusal)")
        await other.shutdown()
      }
    }
  }

  @Test("the metadata service of moto lends keys for a day")
  func instance() async throws {
    try await withMoto(isOpen: true) { moto in
      let source = try credentialsChain([
        "AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": moto.endpoint,
      ]).source()
      let keys = try await source.current()
      await source.shutdown()
      #expect(keys.accessKeyID == "test-key" && keys.secretAccessKey == "test-secret-key")
      #expect(keys.sessionToken == "test-session-token")
      let life = Double(try #require(keys.expiresAt).milliseconds) / 1_000 - Date().timeIntervalSince1970
      #expect((86_000...86_500).contains(life))
    }
  }
}
