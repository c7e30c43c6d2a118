/// Takes the members of an object one by one, checks them, and collects all that is wrong.
///
/// A member that is null counts as not said. What is left at the end is unknown, and refused: a typo is not lost.
struct Fields {
  /// What is wrong with a text: nil if nothing is, else a sentence without subject, "must be …".
  typealias Rule = (String) -> String?

  private let members: [JSON.Member]
  private let path: String
  private let isObject: Bool
  private var taken = 0
  private(set) var errors: [Problem.FieldError] = []

  init(_ json: JSON, at path: String = "") {
    self.path = path
    members = json.members ?? []
    isObject = json.members != nil
    guard !isObject else { return }
    errors.append(.init(pointer: path, detail: "must be an object, not \(json.kind)"))
  }

  // MARK: Taking

  mutating func take(_ name: String) -> JSON? {
    guard let member = members.first(where: { $0.name == name }) else { return nil }
    taken += 1
    return member.value == .null ? nil : member.value
  }

  mutating func text(_ name: String, _ rule: Rule) -> String? {
    guard let value = take(name) else { return nil }
    guard case .string(let text) = value else {
      complain(name, "must be a string, not \(value.kind)")
      return nil
    }
    guard let complaint = rule(text) else { return text }
    complain(name, complaint)
    return nil
  }

  /// Like `text`; "" and a complaint if the member is missing.
  mutating func requiredText(_ name: String, _ rule: Rule) -> String {
    let before = errors.count
    if let text = text(name, rule) { return text }
    if errors.count == before { complain(name, "is required") }
    return ""
  }

  mutating func complain(_ name: String, _ detail: String) {
    guard isObject else { return }  // that says it all
    errors.append(.init(pointer: pointer(to: name), detail: detail))
  }

  func hasComplained(of names: [String]) -> Bool {
    errors.contains { error in names.contains { error.pointer == pointer(to: $0) } }
  }

  mutating func adopt(_ errors: [Problem.FieldError]) {
    self.errors += errors
  }

  /// The RFC 6901 pointer to a member.
  func pointer(to name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
      return "\(path)/\(name)"
    }
    var escaped = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return "\(path)/\(escaped)"
  }

  // MARK: The end

  /// Complains of every member that is not in `known`.
  mutating func refuseUnknown(_ known: [String]) {
    guard taken < members.count else { return }
    for member in members where !known.contains(member.name) {
      complain(member.name, Spelling.complaint(about: member.name, known: known))
    }
  }

  /// Throws if anything was wrong.
  func check() throws(Problem) {
    guard let first = errors.first else { return }
    let place = first.pointer.isEmpty ? "the body" : first.pointer
    let others = errors.count == 1 ? "" : ", and \(errors.count - 1) more"
    throw Problem(.invalid, "\(place) \(first.detail)\(others)", errors: errors)
  }
}
