/// `POST /restored`: takes on a database that is a copy, by saying what became of the messages that were due since.
package struct RestoredRequest: Hashable, Sendable {
  package enum SinceCopy: String, CaseIterable, Sendable {
    /// They may have been sent: none goes out by itself.
    case unknown
    /// None was sent: they go out now.
    case unsent
  }

  package var sinceCopy: SinceCopy

  package init(sinceCopy: SinceCopy) {
    self.sinceCopy = sinceCopy
  }

  package init(_ json: JSON) throws(Problem) {
    var fields = Fields(json)
    let word = fields.requiredText("since_copy") { word in
      SinceCopy(rawValue: word) == nil ? "must be \"unknown\" or \"unsent\"" : nil
    }
    fields.refuseUnknown(["since_copy"])
    try fields.check()
    sinceCopy = SinceCopy(rawValue: word) ?? .unknown
  }

  package var json: JSON { ["since_copy": JSON(sinceCopy.rawValue)] }
}

package struct RestoredReply: Hashable, Sendable {
  /// When the copy was made; nil if the database is none, or was taken on before.
  package var restoredFrom: Timestamp?
  /// How many messages are of unknown fate now.
  package var unknown: Int
  /// Whether a person has paused sending besides.
  package var paused: Bool

  package init(restoredFrom: Timestamp?, unknown: Int, paused: Bool) {
    self.restoredFrom = restoredFrom
    self.unknown = unknown
    self.paused = paused
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to what was restored")
    self.init(
      restoredFrom: fields.optionalTime("restored_from"), unknown: try fields.integer("unknown"),
      paused: try fields.bool("paused"))
  }

  package var json: JSON {
    ["restored_from": JSON(restoredFrom), "unknown": JSON(unknown), "paused": JSON(paused)]
  }
}
