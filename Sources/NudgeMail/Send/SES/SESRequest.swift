/// The body of `SendEmail`: one letter as a raw mail.
struct SESRequest {
  static let path = "/v2/email/outbound-emails"
  /// The tag that carries the attempt's id, so that an event of SES can tell what became of an unknown one.
  static let attemptTag = "nudged-attempt"
  /// Bytes of the body besides the mail and the addresses, at most.
  private static let frameBytes = 512

  private let letter: Letter
  private let configurationSet: String?

  init(_ letter: Letter, configurationSet: String?) {
    self.letter = letter
    self.configurationSet = configurationSet
  }

  /// The body as JSON. It is written here, byte by byte, because nearly all of it is the mail in base64, which needs no
  /// escaping.
  var body: [UInt8] {
    var json: [UInt8] = []
    json.reserveCapacity(Base64.length(of: letter.bytes.count) + Self.frameBytes)
    json += #"{"FromEmailAddress":"#.utf8
    write(letter.sender, to: &json)
    json += #","Destination":{"ToAddresses":["#.utf8
    write(letter.recipient, to: &json)
    json += #"]},"EmailTags":[{"Name":"#.utf8
    write(Self.attemptTag, to: &json)
    json += #","Value":"#.utf8
    write(letter.attemptID, to: &json)
    json += "}]".utf8
    if let configurationSet {
      json += #","ConfigurationSetName":"#.utf8
      write(configurationSet, to: &json)
    }
    json += #","Content":{"Raw":{"Data":""#.utf8
    Base64.write(letter.bytes, to: &json)
    json += #""}}}"#.utf8
    return json
  }

  /// A JSON string.
  private func write(_ text: String, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        json.append(UInt8(ascii: "\\"))
        json.append(byte)
      case 0..<0x20: json += "\\u00\(hexadecimal(CollectionOfOne(byte)))".utf8
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
  }
}
