import Foundation

/// The body of `SendEmail`: one letter as a raw mail.
struct SESRequest: Encodable {
  static let path = "/v2/email/outbound-emails"
  /// The tag that carries the attempt's id, so that an event of SES can tell what became of an unknown one.
  static let attemptTag = "nudged-attempt"

  private struct Destination: Encodable {
    var addresses: [String]

    enum CodingKeys: String, CodingKey { case addresses = "ToAddresses" }
  }

  private struct Content: Encodable {
    struct Raw: Encodable {
      var data: String

      enum CodingKeys: String, CodingKey { case data = "Data" }
    }

    var raw: Raw

    enum CodingKeys: String, CodingKey { case raw = "Raw" }
  }

  private struct Tag: Encodable {
    var name: String
    var value: String

    enum CodingKeys: String, CodingKey { case name = "Name", value = "Value" }
  }

  private var from: String
  private var destination: Destination
  private var content: Content
  private var tags: [Tag]
  private var configurationSet: String?

  private enum CodingKeys: String, CodingKey {
    case from = "FromEmailAddress"
    case destination = "Destination"
    case content = "Content"
    case tags = "EmailTags"
    case configurationSet = "ConfigurationSetName"
  }

  init(_ letter: Letter, configurationSet: String?) {
    from = letter.sender
    destination = Destination(addresses: [letter.recipient])
    content = Content(raw: .init(data: Data(letter.bytes).base64EncodedString()))
    tags = [Tag(name: Self.attemptTag, value: letter.attemptID)]
    self.configurationSet = configurationSet
  }

  /// The body as JSON.
  func body() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try Array(encoder.encode(self))
  }
}
