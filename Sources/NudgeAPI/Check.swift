/// The reply to `POST /check`: what is wrong with the daemon's configuration and surroundings, as far as can be told
/// without sending.
package struct CheckReply: Hashable, Sendable {
  package enum Level: String, CaseIterable, Sendable {
    /// As it should be.
    case ok
    /// Works, but somebody should look.
    case warning
    /// Does not work.
    case error
  }

  package struct Finding: Hashable, Sendable {
    package var level: Level
    /// "sender", "templates of shop default", "database".
    package var place: String
    package var detail: String

    package init(level: Level, place: String, detail: String) {
      self.level = level
      self.place = place
      self.detail = detail
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
      level: CheckReply.Level(rawValue: try fields.string("level")) ?? .error, place: try fields.string("where"),
      detail: try fields.string("detail"))
  }

  var json: JSON { ["level": JSON(level.rawValue), "where": JSON(place), "detail": JSON(detail)] }
}
