import CResolver

/// The resolver of the C library, with the system's resolv.conf.
enum SystemResolver {
  /// How long one server may take for the first try; the library doubles it for the next.
  private static let secondsPerTry: Int32 = 1
  private static let tries: Int32 = 2
  /// The longest message that DNS knows.
  private static let mostBytes = 65_535

  /// Asks, and blocks the thread until there is an answer.
  static func ask(_ question: DNSQuestion, server: DNSServer?) -> DNSAnswer {
    var length = 0
    var outcome = Int32(CRESOLVER_UNUSABLE)
    let message = [UInt8](unsafeUninitializedCapacity: mostBytes) { buffer, count in
      outcome = cresolver_ask(
        question.name, question.kind.rawValue, server?.address, server?.port ?? 0, secondsPerTry, tries,
        buffer.baseAddress, buffer.count, &length)
      count = length
    }
    switch Int(outcome) {
    case CRESOLVER_ANSWERED: return records(of: question.kind, in: message)
    case CRESOLVER_NO_NAME: return .nothing(nameExists: false)
    case CRESOLVER_NO_DATA: return .nothing(nameExists: true)
    case CRESOLVER_REFUSED: return .unknown("the name server refused to answer")
    case CRESOLVER_UNUSABLE: return .unknown("there is no resolver to ask")
    default: return .unknown("no name server had an answer")
    }
  }

  /// An answer may hold the aliases that led to it, too.
  private static func records(of kind: DNSQuestion.Kind, in message: [UInt8]) -> DNSAnswer {
    let count = cresolver_count(message, message.count)
    guard count >= 0 else { return .unknown("the answer cannot be read") }
    var records: [DNSRecord] = []
    for number in 0..<count {
      var record = cresolver_record()
      var isRead = false
      let text = [UInt8](unsafeUninitializedCapacity: mostBytes) { buffer, length in
        isRead =
          cresolver_read(message, message.count, number, &record, buffer.baseAddress, buffer.count) == 0
        length = isRead ? record.length : 0
      }
      guard isRead else { return .unknown("the answer cannot be read") }
      guard record.type == kind.rawValue else { continue }
      records.append(DNSRecord(text: String(decoding: text, as: UTF8.self), preference: Int(record.preference)))
    }
    return records.isEmpty ? .nothing(nameExists: true) : .records(records)
  }
}
