/// The one who asked for something over the control socket, as the kernel knew the process when it connected.
package struct Operator: Hashable, Sendable {
  package var uid: UInt32
  package var gid: UInt32
  package var pid: Int32
  /// What the host calls that user; nil if it knows none of that number.
  package var name: String?

  package init(uid: UInt32, gid: UInt32, pid: Int32, name: String? = nil) {
    self.uid = uid
    self.gid = gid
    self.pid = pid
    self.name = name
  }
}

/// What operators do, beside asking.
package enum OperatorVerb: String, CaseIterable, Sendable {
  case pause
  case resume
  case retry
  case drop
  case backup
  case testSend = "test-send"
  case reload
  case acceptTime = "accept-clock"
  case restored
}

/// One thing that was done, and what came of it.
package struct OperatorAction: Hashable, Sendable {
  /// The result of what was done as it was asked for.
  package static let done = "done"
  /// The result of asking for what the message's state does not allow.
  package static let unfit = "unfit"

  package var verb: OperatorVerb
  /// The message that it was done to.
  package var message: Int64?
  /// What else it was done to: the path of a backup, where a test went.
  package var target: String?
  /// `done`, or why it came to nothing.
  package var result: String

  package init(_ verb: OperatorVerb, message: Int64? = nil, target: String? = nil, result: String = done) {
    self.verb = verb
    self.message = message
    self.target = target
    self.result = result
  }
}
