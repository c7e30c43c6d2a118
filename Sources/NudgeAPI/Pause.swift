/// The reply to `POST /pause` and `POST /resume`.
package struct PauseReply: Hashable, Sendable {
  package var paused: Bool

  package init(paused: Bool) {
    self.paused = paused
  }

  package init(json: JSON) throws(ReplyError) {
    self.init(paused: try ReplyFields(json, "the reply to a pause").bool("paused"))
  }

  package var json: JSON { ["paused": JSON(paused)] }
}
