/// The reply to `POST /check`: what is wrong with the daemon's configuration and surroundings, as far as can be told
/// without sending.
package struct CheckReply: Hashable, Sendable {
  package enum Level: String, CaseIterable, Sendable {
    /// As it should be.
    case ok
    /// Works, but somebody should look; also what could not be checked.
    case warning
    /// Does not work.
    case error
  }

  package struct Finding: Hashable, Sendable {
    package var level: Level
    /// What belongs together: "nudged", "shop default", "shop.example".
    package var group: String
    /// "sender", "imprint of shop default", "SPF of shop.example".
    package var place: String
    package var detail: String
    /// A DNS record to publish, as a line of a zone file.
    package var publish: String?

    package init(level: Level, group: String = "nudged", place: String, detail: String, publish: String? = nil) {
      self.level = level
      self.group = group
      self.place = place
      self.detail = detail
      self.publish = publish
    }
  }

  package var findings: [Finding]

  package init(findings: [Finding]) {
    self.findings = findings
  }

  package init(json: JSON) throws(ReplyError) {
    findings = try ReplyFields(json, "the reply to a check").array("findings", of: Finding.init(json:))
  }

  package var json: JSON { ["findings": .array(findings.map(\.json))] }
}

extension CheckReply.Finding {
  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "a finding")
    self.init(
      level: CheckReply.Level(rawValue: try fields.string("level")) ?? .error,
      group: fields.optionalString("group") ?? "nudged", place: try fields.string("where"),
      detail: try fields.string("detail"), publish: fields.optionalString("publish"))
  }

  var json: JSON {
    [
      "level": JSON(level.rawValue), "group": JSON(group), "where": JSON(place), "detail": JSON(detail),
      "publish": JSON(publish),
    ]
  }
}
