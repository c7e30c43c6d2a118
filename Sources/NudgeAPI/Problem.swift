/// Why a request was not done: RFC 9457, as both programs speak it.
package struct Problem: Error, Hashable, Sendable {
  package static let mediaType = "application/problem+json"

  package var code: Code
  /// What was wrong this time, and what would be right: one sentence or two.
  package var detail: String
  /// For `invalid`: every value that is wrong.
  package var errors: [FieldError]
  /// Seconds after which trying again makes sense; the `Retry-After` of a 503.
  package var retryAfter: Int?

  package init(_ code: Code, _ detail: String, errors: [FieldError] = [], retryAfter: Int? = nil) {
    self.code = code
    self.detail = detail
    self.errors = errors
    self.retryAfter = retryAfter ?? (code.exitCode == .tryAgain ? Self.standardRetryAfter : nil)
  }

  /// Seconds.
  package static let standardRetryAfter = 1

  /// One wrong value.
  package struct FieldError: Hashable, Sendable {
    /// An RFC 6901 pointer: "/items/0/price".
    package var pointer: String
    package var detail: String

    package init(pointer: String, detail: String) {
      self.pointer = pointer
      self.detail = detail
    }
  }

  /// The problems that there are. Users' scripts compare these words.
  package enum Code: String, CaseIterable, Sendable {
    case malformed
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case wrongState = "wrong_state"
    case tooLarge = "too_large"
    case unsupportedMediaType = "unsupported_media_type"
    case invalid
    case draining
    case overloaded
    case diskFull = "disk_full"
    case `internal`
  }
}

/// How the programs exit, by sysexits.h.
package enum Exit: Int32, CaseIterable, Sendable {
  case done = 0
  case failed = 1
  case usage = 64
  case refused = 65
  case noInput = 66
  case noDaemon = 69
  case tryAgain = 75
}

// MARK: - The table

extension Problem.Code {
  package var title: String { row.title }
  package var status: Int { row.status }
  package var exitCode: Exit { row.exitCode }
  package var type: String { Self.typePrefix + rawValue }

  private static let typePrefix = "urn:nudged:problem:"

  /// The code that a `type` names.
  package init?(type: String) {
    guard type.hasPrefix(Self.typePrefix) else { return nil }
    self.init(rawValue: String(type.dropFirst(Self.typePrefix.count)))
  }

  private var row: (status: Int, exitCode: Exit, title: String) {
    switch self {
    case .malformed: (400, .refused, "The body is not what it claims to be")
    case .notFound: (404, .refused, "There is no such thing")
    case .methodNotAllowed: (405, .failed, "The resource does not take this method")
    case .wrongState: (409, .refused, "That cannot be done in this state")
    case .tooLarge: (413, .refused, "The body is too large")
    case .unsupportedMediaType: (415, .refused, "The body has the wrong media type")
    case .invalid: (422, .refused, "Values are invalid")
    case .draining: (503, .tryAgain, "nudged is shutting down")
    case .overloaded: (503, .tryAgain, "nudged has too much to do")
    case .diskFull: (503, .tryAgain, "The disk is full")
    case .internal: (500, .failed, "nudged failed")
    }
  }
}

// MARK: - JSON

extension Problem {
  package var json: JSON {
    var members: [(String, JSON?)] = [
      ("type", JSON(code.type)), ("title", JSON(code.title)), ("status", JSON(code.status)), ("detail", JSON(detail)),
    ]
    if !errors.isEmpty { members.append(("errors", .array(errors.map(\.json)))) }
    return .object(ofSaid: members)
  }

  /// Reads a problem. One with a type that is unknown here takes the code that its status is nearest to.
  ///
  /// - Parameter retryAfter: from the header, which the JSON does not repeat.
  package init(json: JSON, retryAfter: Int? = nil) throws(ReplyError) {
    let fields = try ReplyFields(json, "a problem")
    let status = try fields.integer("status")
    let code = Code(type: try fields.string("type")) ?? Code(nearestTo: status)
    self.init(code, try fields.string("detail"), retryAfter: retryAfter)
    errors = try fields.optionalArray("errors", of: FieldError.init(json:)) ?? []
  }
}

extension Problem.Code {
  fileprivate init(nearestTo status: Int) {
    let same = Self.allCases.first { $0.status == status }
    self = same ?? ((400..<500).contains(status) ? .malformed : .internal)
  }
}

extension Problem.FieldError {
  var json: JSON { ["pointer": JSON(pointer), "detail": JSON(detail)] }

  init(json: JSON) throws(ReplyError) {
    let fields = try ReplyFields(json, "an error of a problem")
    self.init(pointer: try fields.string("pointer"), detail: try fields.string("detail"))
  }
}
