/// Why a mail could not be written. Nothing was sent.
package enum CompositionError: Error, Hashable, Sendable {
  /// A value that must not get into a mail is refused, never repaired; `field` is its name in the event or the
  /// configuration, or `subject`.
  case refused(field: String, because: String)
  case template(TemplateError)
}

extension CompositionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused(let field, let because): "\(field) \(because)"
    case .template(let error): error.description
    }
  }
}
