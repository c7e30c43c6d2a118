package import NudgeStore

/// Why nudged does not start. Each says what to do about it.
package enum StartFailure: Error {
  case configuration(ConfigurationError)
  /// The state directory, and what is wrong with it.
  case state(String, String)
  /// Another daemon works on that state directory.
  case taken(String)
  case socket(ControlSocketError)
  case store(String, StoreError)

  /// As in sysexits.h.
  package var exitCode: Int32 {
    switch self {
    case .configuration: ProgramExit.configuration
    case .state: ProgramExit.cannotCreate
    case .taken: ProgramExit.tryAgain
    case .socket: ProgramExit.unavailable
    case .store: ProgramExit.inputOutput
    }
  }
}

/// How nudged ends, as in sysexits.h.
package enum ProgramExit {
  package static let done: Int32 = 0
  package static let refused: Int32 = 65
  package static let unavailable: Int32 = 69
  package static let cannotCreate: Int32 = 73
  package static let inputOutput: Int32 = 74
  package static let tryAgain: Int32 = 75
  package static let configuration: Int32 = 78
}

extension StartFailure: CustomStringConvertible {
  package var description: String {
    switch self {
    case .configuration(let error): error.description
    case .state(let path, let problem): "The state directory \(path) \(problem)"
    case .taken(let path):
      "Another nudged works on the state directory \(path); stop it first, or name another with --state"
    case .socket(let error): error.description
    case .store(let path, .newerSchema(let found, let known)):
      "The database \(path) was written by a newer nudged: it has version \(found), this one knows \(known)"
    case .store(let path, let error): "The database \(path) cannot be opened: \(error)"
    }
  }
}
