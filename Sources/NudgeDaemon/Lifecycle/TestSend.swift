import Foundation
import NudgeAPI
import NudgeDomain
import NudgeMail

extension Dispatcher {
  /// Writes and hands over one mail that is marked as a test.
  func testSend(_ request: TestSendRequest, now: Moment) async throws(Problem) -> TestSendReply {
    let name = UUID().uuidString.lowercased()
    let mailRequest = desk.testRequest(request, name: name, now: now)
    let subject = try desk.testSubject(mailRequest)
    let delivery: Delivery
    do throws(TestRefusal) {
      delivery = try await handOver { (desk) throws(CompositionError) in
        try desk.letter(forTest: mailRequest, name: name)
      }
    } catch {
      throw Problem(error, now: clock.now())
    }
    return TestSendReply(delivery, of: mailRequest, subject: subject, by: report)
  }
}

extension MailDesk {
  /// A mail like a preview's, but to that address, and with a name that no other mail has.
  fileprivate func testRequest(_ request: TestSendRequest, name: String, now: Moment) -> MailRequest {
    var mail = mailRequest(for: request.mail, now: now)
    let domain = mail.messageID.drop { $0 != "@" }
    mail.to = request.to
    mail.messageID = "test.\(name)\(domain)"
    mail.isTest = true
    return mail
  }

  fileprivate func letter(forTest request: MailRequest, name: String) throws(CompositionError) -> Letter {
    let mail = try composer(of: request.shop).compose(request)
    return Letter(attemptID: "t-\(name)", sender: mail.sender, recipient: mail.recipient, bytes: mail.bytes)
  }

  fileprivate func testSubject(_ request: MailRequest) throws(Problem) -> String {
    do throws(CompositionError) {
      return Composer.testMark + (try composer(of: request.shop).render(request).subject)
    } catch {
      throw Problem(unwritable: error)
    }
  }
}

extension Problem {
  fileprivate init(_ refusal: TestRefusal, now: Moment) {
    switch refusal {
    case .stopping: self = .stopping
    case .unwritable(let error): self.init(unwritable: error)
    case .noRoom(let until):
      let seconds = max(1, until.since(now).milliseconds / 1_000)
      self.init(
        .overloaded, "other mail takes all that the rate allows; try again in \(seconds) s",
        retryAfter: Int(seconds))
    }
  }
}

extension TestSendReply {
  fileprivate init(_ delivery: Delivery, of mail: MailRequest, subject: String, by sender: SenderReport) {
    var reply = TestSendReply(
      outcome: .accepted, providerID: nil, error: nil, messageID: mail.messageID, from: mail.from.text, to: mail.to,
      subject: subject, transport: sender.transport, held: nil)
    if case .held(let reason, _) = sender.state { reply.held = reason }
    switch delivery {
    case .accepted(let id): reply.providerID = id
    case .deferred(_, let error): (reply.outcome, reply.error) = (.deferred, error)
    case .refused(let error): (reply.outcome, reply.error) = (.refused, error)
    case .unknown(let error): (reply.outcome, reply.error) = (.unknown, error)
    }
    self = reply
  }
}
