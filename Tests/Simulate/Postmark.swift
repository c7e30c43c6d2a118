import Foundation
import SimulationModel

/// What a mail server reads on a letter that comes as a request to SES.
enum Postmark {
  private struct Body: Decodable {
    struct Content: Decodable {
      struct Raw: Decodable {
        var data: Data

        enum CodingKeys: String, CodingKey { case data = "Data" }
      }
      var raw: Raw

      enum CodingKeys: String, CodingKey { case raw = "Raw" }
    }
    struct Destination: Decodable {
      var addresses: [String]

      enum CodingKeys: String, CodingKey { case addresses = "ToAddresses" }
    }
    struct Tag: Decodable {
      var name: String
      var value: String

      enum CodingKeys: String, CodingKey { case name = "Name", value = "Value" }
    }
    var content: Content
    var destination: Destination
    var tags: [Tag]

    enum CodingKeys: String, CodingKey { case content = "Content", destination = "Destination", tags = "EmailTags" }
  }

  /// Nil if the letter is none of nudged's.
  static func read(_ json: [UInt8], number: Int) -> HandOver? {
    guard let body = try? JSONDecoder().decode(Body.self, from: Data(json)),
      let recipient = body.destination.addresses.first,
      let tag = body.tags.first(where: { $0.name == "nudged-attempt" })?.value
    else { return nil }
    let fields = headers(body.content.raw.data)
    guard let messageID = fields["message-id"], let subject = fields["subject"] else { return nil }
    let words = subject.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    guard words.count == 6, let kind = Kind(rawValue: words[0]),
      let local = messageID.drop(while: { $0 == "<" }).split(separator: ".").first
    else { return nil }
    func said(_ word: String) -> String? { word.isEmpty ? nil : word }
    return HandOver(
      number: number, attempt: tag.split(separator: "-").prefix(2).joined(separator: "-"),
      message: "m-" + local.dropFirst(), messageID: messageID, kind: kind, shop: words[1], checkoutID: said(words[3]),
      orderID: said(words[4]), step: Int(words[2]), recipient: recipient,
      content: kind == .reminder ? said(words[5]) : nil)
  }

  /// The header fields of a mail, unfolded, by their names in lower case.
  private static func headers(_ mail: Data) -> [String: String] {
    var fields: [String: String] = [:]
    var last = ""
    for line in String(decoding: mail.prefix(4_096), as: UTF8.self).split(
      separator: "\r\n", omittingEmptySubsequences: false)
    {
      if line.isEmpty { break }
      if line.first == " " || line.first == "\t" {
        fields[last]? += line
        continue
      }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      last = parts[0].lowercased()
      fields[last] = String(parts[1].drop { $0 == " " })
    }
    return fields
  }
}
