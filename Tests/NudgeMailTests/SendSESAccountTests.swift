import Foundation
import NudgeDomain
import Synchronization
import Testing

@testable import NudgeMail

@Suite("What SES says of the account") struct SendSESAccountTests {
  /// As AWS documents GetAccount.
  private static let account = """
    {"DedicatedIpAutoWarmupEnabled": true, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": true,
     "SendQuota": {"Max24HourSend": 50000.0, "MaxSendRate": 14.5, "SentLast24Hours": 120.0}, "SendingEnabled": true,
     "SuppressionAttributes": {"SuppressedReasons": ["BOUNCE"]}, "Details": {"MailType": "TRANSACTIONAL"}}
    """

  @Test("the quota is asked with a signed GET, and read")
  func quota() async throws {
    let heads = Mutex<[String]>([])
    try await withSES { line in
      while let request = line.request() {
        heads.withLock { $0.append(request.head) }
        line.answer(200, body: Self.account)
      }
    } body: { sender, _ in
      let expected = SendingQuota(perSecond: 14.5, perDay: 50_000, sentLastDay: 120)
      #expect(await sender.quota() == .known(expected))
      let account = SESAccount(quota: expected, isSending: true, isInProduction: true, enforcement: "HEALTHY")
      #expect(await sender.account() == .known(account))
    }
    let head = try #require(heads.withLock { $0.first })
    #expect(head.hasPrefix("GET /v2/email/account HTTP/1.1\r\n"))
    #expect(
      head.contains("AWS4-HMAC-SHA256 Credential=AKID/") && head.contains("X-Amz-Security-Token: verysecrettoken"))
    #expect(!head.lowercased().contains("content-type"))
  }

  @Test(
    "no limit of the day is nil, and impossible numbers are kept in range",
    arguments: [
      (
        #"{"Max24HourSend": -1.0, "MaxSendRate": 80, "SentLast24Hours": 5}"#,
        SendingQuota(perSecond: 80, perDay: nil, sentLastDay: 5)
      ),
      (
        #"{"Max24HourSend": 200, "MaxSendRate": -1, "SentLast24Hours": -3}"#,
        SendingQuota(perSecond: 0, perDay: 200, sentLastDay: 0)
      ),
      (
        #"{"Max24HourSend": 1e300, "MaxSendRate": 1, "SentLast24Hours": 0}"#,
        SendingQuota(perSecond: 1, perDay: 1_000_000_000_000_000, sentLastDay: 0)
      ),
    ])
  func numbers(quota: String, expected: SendingQuota) async throws {
    try await withSES { line in
      if line.request() != nil { line.answer(200, body: #"{"SendQuota": \#(quota), "SendingEnabled": false}"#) }
    } body: { sender, _ in
      #expect(await sender.quota() == .known(expected))
    }
  }

  @Test(
    "what is no answer is unavailable, and says why without secrets",
    arguments: [
      (200, "{}", "SES 200, the answer cannot be read"), (200, "<html>", "SES 200, the answer cannot be read"),
      (403, #"{"__type": "AccessDeniedException", "message": "verysecretkey"}"#, "SES 403, AccessDenied: (secret)"),
      (404, #"{"__type": "NotFoundException"}"#, "SES 404, NotFound"), (500, "", "SES 500"),
    ])
  func unavailable(status: Int, body: String, expected: String) async throws {
    try await withSES { line in
      if line.request() != nil { line.answer(status, body: body) }
    } body: { sender, _ in
      #expect(await sender.quota() == .unavailable(error: expected))
    }
  }

  @Test("a server that cannot be reached leaves the quota unavailable")
  func unreachable() async throws {
    let sender = try sesSender(endpoint: "http://nudged.invalid")
    guard case .unavailable(let error) = await sender.quota() else { Issue.record("an answer from nowhere"); return }
    #expect(error.hasPrefix("SES at http://nudged.invalid: "))
    await sender.shutdown()
  }

  @Test("an identity shows how its mail is signed and where bounces go")
  func identity() async throws {
    let paths = Mutex<[String]>([])
    try await withSES { line in
      while let request = line.request() {
        paths.withLock { $0.append(String(request.head.prefix { $0 != "\r\n" })) }
        line.answer(
          200,
          body: """
            {"IdentityType": "DOMAIN", "FeedbackForwardingStatus": true, "VerifiedForSendingStatus": true,
             "DkimAttributes": {"SigningEnabled": true, "Status": "SUCCESS", "Tokens": ["t1", "t2", "t3"]},
             "MailFromAttributes": {"MailFromDomain": "bounce.shop.example", "MailFromDomainStatus": "PENDING",
             "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"}}
            """)
      }
    } body: { sender, _ in
      let expected = SESIdentity(
        isVerified: true, dkim: .init(isSigning: true, status: "SUCCESS", tokens: ["t1", "t2", "t3"]),
        mailFromDomain: "bounce.shop.example", mailFromStatus: "PENDING")
      #expect(await sender.identity("cart+x@shop.example") == .known(expected))
    }
    #expect(paths.withLock { $0 } == ["GET /v2/email/identities/cart%2Bx%40shop.example HTTP/1.1"])
  }

  @Test("an identity that the account does not have is missing")
  func missing() async throws {
    try await withSES { line in
      if line.request() != nil { line.answer(404, headers: ["x-amzn-ErrorType: NotFoundException:x"], body: "{}") }
    } body: { sender, _ in
      #expect(await sender.identity("shop.example") == .missing)
    }
  }

  @Test("moto knows the identity that it was given, and not another one")
  func moto() async throws {
    try await withMoto(isOpen: true) { moto in
      let sender = try moto.sender(moto.credentials)
      let (known, missing) = (await sender.identity("cart@shop.example"), await sender.identity("elsewhere.example"))
      await sender.shutdown()
      #expect(missing == .missing)
      guard case .known(let identity) = known else { Issue.record("\(known)"); return }
      #expect(identity.dkim != nil)
    }
  }
}
