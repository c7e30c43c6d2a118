import NudgeAPI

/// Why a verb was not done, and how the program ends.
struct Failure: Error {
  var message: Styled
  var exit: Exit
  /// The daemon's words, for `--json`.
  var reply: [UInt8]?

  init(_ message: Styled, exit: Exit) {
    self.message = message
    self.exit = exit
  }

  func report() {
    if let reply { Output.data(reply, endingLine: true) }
    if !message.text.isEmpty { Output.note("\("nudgectl:", .red) \(message)") }
  }
}

extension Failure {
  /// - Parameter json: whether the daemon's words are wanted as they came.
  init(_ error: ClientError, json: Bool) {
    self.init(Self.message(for: error), exit: error.exitCode)
    if case .problem(_, let bytes) = error, json { reply = bytes }
  }

  private static func message(for error: ClientError) -> Styled {
    switch error {
    case .noDaemon(let socket, let reason):
      """
      no daemon at \(socket): \(reason). Start it with `systemctl start nudged` or `nudged`, or say --socket. After too \
      many failed starts: `systemctl reset-failed nudged.service nudged.socket` first.
      """
    case .problem(let problem, _): message(for: problem)
    case .timeout: "the daemon did not answer in time; try again later"
    case .broken(let reason):
      "the connection to the daemon broke, and whether it did what was asked is not known: \(reason)"
    case .unreadable(let reason): "cannot make sense of the daemon's answer: \(reason)"
    case .input(let reason): "\(reason)"
    }
  }

  private static func message(for problem: Problem) -> Styled {
    guard !problem.errors.isEmpty else { return "\(problem.detail)" }
    var message: Styled = "the daemon refused the data:"
    for error in problem.errors {
      message = "\(message)\n  \(error.pointer.isEmpty ? "the body" : error.pointer, .bold) \(error.detail)"
    }
    return message
  }
}
