import Foundation
import Synchronization

/// Plays Amazon SES on a loopback socket, in whatever weather the test asks for, and keeps a ledger of its own.
final class SESDouble: Sendable {
  private struct State {
    var weather = Weather.fair(mishaps: 0)
    /// Of a hundred mishaps, those that let the client wait until it gives up.
    var hanging = 0
    /// How many mails each recipient's address has come with.
    var counts: [String: Int] = [:]
    var taken = 0
    /// The double takes so many more mails, then the client is to crash: it answers nobody until told to.
    var untilCrash: Int?
  }

  private let state = Mutex(State())
  private let held = NSCondition()
  private let bell: Bell
  private let journal: Journal
  private let seed: UInt64
  private let now: @Sendable () -> Int64
  private let listener: Mutex<LoopbackListener?> = Mutex(nil)

  /// - Parameters:
  ///   - bell: rings whenever the client is to crash.
  ///   - now: milliseconds of the virtual clock.
  init(seed: UInt64, journal: Journal, bell: Bell, now: @escaping @Sendable () -> Int64) throws {
    self.seed = seed
    self.journal = journal
    self.bell = bell
    self.now = now
    let opened = try LoopbackListener(bell: bell) { [weak self] in self?.serve($0) }
    opened.open()
    listener.withLock { $0 = opened }
  }

  var port: Int { listener.withLock { $0?.port ?? 0 } }

  func becomes(_ weather: Weather, hanging: Int = 0) async throws {
    state.withLock {
      $0.weather = weather
      $0.hanging = hanging
    }
    guard let listener = listener.withLock({ $0 }) else { return }
    if weather == .down { try await listener.shut() } else { listener.open() }
  }

  /// True if a mail may get no answer, however long its sender waits.
  var mayHang: Bool {
    state.withLock { state in
      switch state.weather {
      case .fair(let mishaps): mishaps > 0 && state.hanging > 0
      case .all(let answer): Answer.hanging.contains(answer)
      case .resets, .down: false
      }
    }
  }

  func end() { listener.withLock { $0?.end() } }

  // MARK: Crashes

  /// After `count` more mails nobody gets an answer, until `letGo`.
  func holds(after count: Int) { state.withLock { $0.untilCrash = count } }

  var isHolding: Bool { state.withLock { $0.untilCrash.map { $0 <= 0 } ?? false } }

  func letGo() {
    state.withLock { $0.untilCrash = nil }
    held.withLock { held.broadcast() }
  }

  /// Waits as long as nobody gets an answer; true if it had to.
  private func isHeld() -> Bool {
    let isHeld = state.withLock { state in
      guard let left = state.untilCrash else { return false }
      state.untilCrash = left - 1
      return left - 1 <= 0
    }
    guard isHeld else { return false }
    bell.ring()
    held.withLock { while isHolding { held.wait() } }
    return true
  }

  // MARK: Serving

  private func serve(_ line: LoopbackLine) {
    if state.withLock({ $0.weather }) == .resets {
      _ = line.peek()
      return line.reset()
    }
    guard line.peek() != 0x16 else { return line.write(Array("HTTP/1.1 400 No TLS here\r\n\r\n".utf8)) }
    while let request = SESDoubleRequest(line) {
      if state.withLock({ $0.weather }) == .resets { return line.reset() }
      guard let mail = request.mail else { return say(404, "UnknownOperationException", "No such thing", on: line) }
      guard answer(mail, on: line) else { return }
    }
  }

  /// False if the connection is over.
  private func answer(_ mail: SESDoubleRequest.Mail, on line: LoopbackLine) -> Bool {
    let (answer, name) = state.withLock { state in
      let ordinal = state.counts[mail.recipient, default: 0]
      state.counts[mail.recipient] = ordinal + 1
      state.taken += 1
      return (choose(state, "\(mail.recipient) \(ordinal)"), "ses-\(state.taken)")
    }
    journal.note { evidence, seq in
      evidence.arrivals.append(
        Evidence.Arrival(
          seq: seq, at: now(), messageID: mail.messageID, attempt: mail.attempt, recipient: mail.recipient,
          verdict: answer.verdict, fault: answer.rawValue,
          providerID: answer.verdict == .taken || answer.verdict == .takenInSilence ? name : nil))
    }
    if isHeld() { return false }
    return perform(answer, name, on: line)
  }

  private func choose(_ state: State, _ mail: String) -> Answer {
    switch state.weather {
    case .all(let answer): return answer
    case .resets, .down: return .lost
    case .fair(let mishaps):
      var dice = Seeded(seed, for: mail)
      guard dice.happens(mishaps) else { return .taken }
      return dice.pick(dice.happens(state.hanging) ? Answer.hanging : Answer.mishaps)
    }
  }

  private func perform(_ answer: Answer, _ name: String, on line: LoopbackLine) -> Bool {
    let taken = Array("{\"MessageId\":\"\(name)\"}".utf8)
    switch answer {
    case .taken: line.write(Self.head(200, taken.count) + taken)
    case .slowBody: line.write(Self.head(200, taken.count) + taken, piece: 1)
    case .garbage: line.write(Self.head(200, 24) + Array("<html>no json here</html".utf8))
    case .noMessageID: line.write(Self.head(200, 2) + Array("{}".utf8))
    case .huge: line.write(Self.head(200, Self.hugeCount) + Self.hugeBody)
    case .hugeThrottle:
      line.write(Self.head(429, Self.hugeCount, name: "TooManyRequestsException") + Self.hugeBody)
    case .stalledBody: line.write(Self.head(200, taken.count) + taken.dropLast(4))
    case .hang, .takenHang, .lost, .takenLost, .resetAfterReading, .takenReset: break
    default:
      guard let failure = answer.failure else { return false }
      say(failure.status, failure.name, failure.text, on: line)
    }
    switch answer {
    case .hang, .takenHang, .stalledBody: line.waitForEnd()
    case .resetAfterReading, .takenReset: line.reset()
    case .lost, .takenLost, .huge, .hugeThrottle: break
    default: return true
    }
    return false
  }

  private func say(_ status: Int, _ name: String, _ text: String, on line: LoopbackLine) {
    let body = Array("{\"message\":\"\(text)\"}".utf8)
    line.write(Self.head(status, body.count, name: name) + body)
  }

  private static func head(_ status: Int, _ length: Int, name: String? = nil) -> [UInt8] {
    let type = name.map { "x-amzn-ErrorType: \($0):http://internal.amazon.com/coral/\r\n" } ?? ""
    return Array(
      "HTTP/1.1 \(status) X\r\n\(type)Content-Type: application/json\r\nContent-Length: \(length)\r\n\r\n".utf8)
  }

  /// More than an answer of SES can be: bytes.
  private static let hugeCount = 200_000
  private static let hugeBody = [UInt8](repeating: UInt8(ascii: " "), count: hugeCount)
}

/// A request, read as SES would: with Foundation alone.
struct SESDoubleRequest {
  struct Mail: Sendable {
    var messageID: String
    var attempt: String
    var recipient: String
  }

  /// Nil if the request asks for something else than to send a mail.
  var mail: Mail?

  /// Nil if the client hung up.
  init?(_ line: LoopbackLine) {
    guard let bytes = line.read(through: "\r\n\r\n") else { return nil }
    let head = String(decoding: bytes, as: UTF8.self)
    let length = head.split(separator: "\r\n").compactMap { field -> Int? in
      let parts = field.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
      return Int(parts[1].trimmingCharacters(in: .whitespaces))
    }
    guard let body = line.read(length.first ?? 0) else { return nil }
    guard head.hasPrefix("POST /v2/email/outbound-emails ") else { return }
    mail = Self.mail(Data(body))
  }

  private static func mail(_ body: Data) -> Mail? {
    guard let json = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
      let content = json["Content"] as? [String: Any], let raw = content["Raw"] as? [String: Any],
      let data = (raw["Data"] as? String).flatMap({ Data(base64Encoded: $0) }),
      let destination = json["Destination"] as? [String: Any], let to = destination["ToAddresses"] as? [String],
      let tags = json["EmailTags"] as? [[String: Any]], to.count == 1
    else { return nil }
    let head = String(decoding: data.prefix(4_096), as: UTF8.self).components(separatedBy: "\r\n\r\n")[0]
    let field = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("message-id:") }
    let attempt = tags.first { $0["Name"] as? String == "nudged-attempt" }?["Value"] as? String
    guard let field, let attempt else { return nil }
    let id = field.dropFirst("message-id:".count).trimmingCharacters(in: .whitespaces)
    return Mail(messageID: id, attempt: attempt, recipient: to[0])
  }
}
