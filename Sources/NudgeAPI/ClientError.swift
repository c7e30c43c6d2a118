import AsyncHTTPClient
import Foundation
import NIOCore

/// Why a request to the daemon was not answered as asked.
package enum ClientError: Error, Hashable, Sendable {
  /// Nobody answers at the socket.
  case noDaemon(socket: String, reason: String)
  /// The daemon said no; its words as they came.
  case problem(Problem, bytes: [UInt8])
  /// The daemon did not answer in time.
  case timeout
  /// The connection ended before the answer. Whether the daemon did what was asked is not known.
  case broken(String)
  /// The answer is not what it should be.
  case unreadable(String)
  /// What should have been sent could not be read.
  case input(String)

  package var exitCode: Exit {
    switch self {
    case .noDaemon: .noDaemon
    case .problem(let problem, _): problem.code.exitCode
    case .timeout, .broken: .tryAgain
    case .unreadable: .failed
    case .input: .noInput
    }
  }
}

/// What a sequence of chunks throws when it cannot go on.
package struct InputError: Error, Hashable, Sendable {
  package var reason: String

  package init(reason: String) {
    self.reason = reason
  }
}

extension ClientError {
  init(status: Int, bytes: [UInt8], retryAfter: Int?) {
    do {
      self = .problem(try Problem(json: try JSON(parsing: bytes), retryAfter: retryAfter), bytes: bytes)
    } catch {
      self = .unreadable("the daemon answered \(status) without saying why")
    }
  }

  init(_ error: any Error, socket: String) {
    switch error {
    case let error as InputError: self = .input(error.reason)
    case let error as IOError: self = Self.connection(error, socket: socket)
    case let error as SocketAddressError: self = .noDaemon(socket: socket, reason: Self.words(for: error))
    case let error as HTTPClientError where Self.timeouts.contains(error): self = .timeout
    case let error as HTTPClientError: self = .broken(String(describing: error))
    default: self = .broken(String(describing: error))
    }
  }

  private static let timeouts: [HTTPClientError] = [
    .deadlineExceeded, .readTimeout, .connectTimeout, .getConnectionFromPoolTimeout,
  ]

  private static func connection(_ error: IOError, socket: String) -> ClientError {
    switch error.errnoCode {
    case ENOENT, ENOTDIR: .noDaemon(socket: socket, reason: "there is no such socket")
    case ECONNREFUSED: .noDaemon(socket: socket, reason: "nobody listens there")
    case EACCES, EPERM: .noDaemon(socket: socket, reason: "you may not use it")
    case ENOTSOCK, EPROTOTYPE: .noDaemon(socket: socket, reason: "that is no socket of nudged")
    default: .broken(String(cString: strerror(error.errnoCode)))
    }
  }

  private static func words(for error: SocketAddressError) -> String {
    switch error {
    case .unixDomainSocketPathTooLong: "its path is too long for a socket"
    default: "that is no path of a socket"
    }
  }
}
