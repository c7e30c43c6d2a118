import Crypto
import NudgeDomain
import Synchronization

/// AWS Signature Version 4: proves to AWS who sends a request, and that nobody changed it on the way.
///
/// Pure: the same request, keys and time give the same signature.
struct SigV4: Hashable, Sendable {
  /// A request as it goes over the wire. Names and values of the query are given undecorated and escaped here; the path
  /// is given as it is sent.
  struct Request: Hashable, Sendable {
    struct Field: Hashable, Sendable {
      var name: String
      var value: String

      init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
      }
    }

    var method: String
    var path: String
    var query: [Field] = []
    var headers: [Field]
    var body: [UInt8]
  }

  static let algorithm = "AWS4-HMAC-SHA256"

  var credentials: AWSCredentials
  var region: String
  var service: String

  /// `request` with the headers that prove it: `X-Amz-Date`, `X-Amz-Security-Token` for temporary keys, `Authorization`.
  /// All headers that it has before are signed.
  func signed(_ request: Request, at time: Moment) -> Request {
    var signed = request
    let time = SigningTime(time)
    signed.headers.append(.init("X-Amz-Date", time.text))
    if let token = credentials.sessionToken { signed.headers.append(.init("X-Amz-Security-Token", token)) }
    signed.headers.append(.init("Authorization", authorization(of: signed, at: time)))
    return signed
  }

  /// The value of `Authorization` for a request that carries all other headers.
  func authorization(of request: Request, at time: SigningTime) -> String {
    let canonical = CanonicalRequest(request)
    let signature = signature(of: stringToSign(canonical, at: time), at: time)
    return "\(Self.algorithm) Credential=\(credentials.accessKeyID)/\(scope(at: time)), "
      + "SignedHeaders=\(canonical.signedHeaders), Signature=\(signature)"
  }

  func stringToSign(_ canonical: CanonicalRequest, at time: SigningTime) -> String {
    let digest = SHA256.hash(data: Array(canonical.text.utf8))
    return "\(Self.algorithm)\n\(time.text)\n\(scope(at: time))\n\(hexadecimal(digest))"
  }

  private func signature(of text: String, at time: SigningTime) -> String {
    hexadecimal(Self.authenticationCode(of: text, key: Self.days.key(for: self, on: time.day)))
  }

  private static let days = SigningDay()

  /// The key that signs on that day.
  fileprivate func key(on day: String) -> SymmetricKey {
    var key = SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))
    for part in [day, region, service, "aws4_request"] {
      key = SymmetricKey(data: Self.authenticationCode(of: part, key: key))
    }
    return key
  }

  private func scope(at time: SigningTime) -> String { "\(time.day)/\(region)/\(service)/aws4_request" }

  private static func authenticationCode(of text: String, key: SymmetricKey) -> HMAC<SHA256>.MAC {
    HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key)
  }
}

/// Keeps the key of the day that was asked for last: it takes four times as long to make as a signature.
private final class SigningDay: Sendable {
  private struct Kept {
    var signer: SigV4
    var day: String
    var key: SymmetricKey
  }

  private let kept = Mutex<Kept?>(nil)

  func key(for signer: SigV4, on day: String) -> SymmetricKey {
    if let kept = kept.withLock({ $0 }), kept.day == day, kept.signer == signer { return kept.key }
    let key = signer.key(on: day)
    kept.withLock { $0 = Kept(signer: signer, day: day, key: key) }
    return key
  }
}

/// The two ways in which a signature writes its time.
struct SigningTime: Hashable, Sendable {
  /// `20150830`
  let day: String
  /// `20150830T123600Z`
  let text: String

  init(_ moment: Moment) {
    let date = CivilTime(moment)
    day = digits(date.year, 4) + digits(date.month, 2) + digits(date.day, 2)
    text = "\(day)T" + digits(date.hour, 2) + digits(date.minute, 2) + digits(date.second, 2) + "Z"
  }
}

/// A moment as the calendar and the clock on the wall of Greenwich show it.
private struct CivilTime {
  let year: Int
  let month: Int
  let day: Int
  let hour: Int
  let minute: Int
  let second: Int

  init(_ moment: Moment) {
    let seconds = Int(moment.milliseconds.flooredQuotient(by: 1_000))
    let days = seconds.flooredQuotient(by: 86_400)
    let rest = seconds - days * 86_400
    (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60)
    // Counted in years that begin on 1 March, the leap day comes last and every 400 years are alike.
    let shifted = days + 719_468
    let era = shifted.flooredQuotient(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }
}

extension BinaryInteger {
  fileprivate func flooredQuotient(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

private func digits(_ number: Int, _ count: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, count - text.count)) + text
}
