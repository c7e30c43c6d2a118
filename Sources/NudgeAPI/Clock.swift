/// The reply to `GET /clock` and `POST /clock/accept`: what the clock of the machine shows, and what nudged believes.
package struct ClockReply: Hashable, Sendable {
  /// By the clock of the machine.
  package var wallAt: Timestamp
  /// What it would show if nobody had set it; the same unless it is doubted.
  package var expectedAt: Timestamp
  /// How far it is ahead; 0 unless it is doubted.
  package var jumpMilliseconds: Int
  /// Since when it is doubted, by the expected time; nil if it is believed.
  package var doubtedSince: Timestamp?
  /// The kernel says that a time server keeps it right.
  package var isSynchronised: Bool
  /// How far it may jump ahead and be believed.
  package var jumpLimitMilliseconds: Int
  /// For how long a time server has to vouch for a doubted clock until it is believed; nil: only a person may say so.
  package var agreementMilliseconds: Int?

  package init(
    wallAt: Timestamp, expectedAt: Timestamp, jumpMilliseconds: Int, doubtedSince: Timestamp?, isSynchronised: Bool,
    jumpLimitMilliseconds: Int, agreementMilliseconds: Int?
  ) {
    self.wallAt = wallAt
    self.expectedAt = expectedAt
    self.jumpMilliseconds = jumpMilliseconds
    self.doubtedSince = doubtedSince
    self.isSynchronised = isSynchronised
    self.jumpLimitMilliseconds = jumpLimitMilliseconds
    self.agreementMilliseconds = agreementMilliseconds
  }
}

// MARK: - JSON

extension ClockReply {
  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the state of the clock")
    self.init(
      wallAt: try fields.time("wall_at"), expectedAt: try fields.time("expected_at"),
      jumpMilliseconds: try fields.integer("jump_ms"), doubtedSince: fields.optionalTime("doubted_since"),
      isSynchronised: try fields.bool("synchronised"), jumpLimitMilliseconds: try fields.integer("jump_limit_ms"),
      agreementMilliseconds: fields.optionalInteger("agreement_ms"))
  }

  package var json: JSON {
    [
      "doubted": JSON(doubtedSince != nil), "wall_at": JSON(wallAt), "expected_at": JSON(expectedAt),
      "jump_ms": JSON(jumpMilliseconds), "doubted_since": JSON(doubtedSince), "synchronised": JSON(isSynchronised),
      "jump_limit_ms": JSON(jumpLimitMilliseconds), "agreement_ms": JSON(agreementMilliseconds),
    ]
  }
}

/// The reply to `POST /clock/accept`.
package struct ClockAcceptance: Hashable, Sendable {
  /// True if a doubt ended by it.
  package var accepted: Bool
  package var clock: ClockReply

  package init(accepted: Bool, clock: ClockReply) {
    self.accepted = accepted
    self.clock = clock
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "the reply to an accepted clock")
    self.init(accepted: try fields.bool("accepted"), clock: try ClockReply(json: try fields.json("clock")))
  }

  package var json: JSON { ["accepted": JSON(accepted), "clock": clock.json] }
}
