/// What an operator did to a message, and who it was.
package struct OperatorActionReply: Hashable, Sendable {
  package var at: Timestamp
  /// `retry` or `drop`.
  package var action: String
  /// `done`, or why it came to nothing.
  package var result: String
  /// What the host called the user then; nil if it knew none of that number.
  package var user: String?
  /// Nil, with the two after it, if the kernel did not say.
  package var uid: Int?
  package var gid: Int?
  package var pid: Int?

  package init(at: Timestamp, action: String, result: String, user: String?, uid: Int?, gid: Int?, pid: Int?) {
    self.at = at
    self.action = action
    self.result = result
    self.user = user
    self.uid = uid
    self.gid = gid
    self.pid = pid
  }

  package init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "an operator's action")
    self.init(
      at: try fields.time("at"), action: try fields.string("action"), result: try fields.string("result"),
      user: fields.optionalString("user"), uid: fields.optionalInteger("uid"), gid: fields.optionalInteger("gid"),
      pid: fields.optionalInteger("pid"))
  }

  package var json: JSON {
    [
      "at": JSON(at), "action": JSON(action), "result": JSON(result), "user": JSON(user), "uid": JSON(uid),
      "gid": JSON(gid), "pid": JSON(pid),
    ]
  }
}
