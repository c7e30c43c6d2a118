/// Takes the members of an object one by one, checks them, and collects all that is wrong.
///
/// A member that is null counts as not said. What is left at the end is unknown, and refused: a typo is not lost.
struct Fields {
  /// What is wrong with a text: nil if nothing is, else a sentence without subject, "must be …".
  typealias Rule = (String) -> String?

  /// Which object of a request it is.
  enum Place {
    case body
    /// From 0, of the body's `items`.
    case item(Int)

    /// The RFC 6901 pointer to it.
    var pointer: String {
      switch self {
      case .body: ""
      case .item(let index): "/items/\(index)"
      }
    }
  }

  private let members: [JSON.Member]
  /// Becomes a pointer only when something is wrong there: to put one together takes half as long as to read an item.
  private let place: Place
  private let isObject: Bool
  private var taken = 0
  /// The first ones.
  private(set) var errors: [Problem.FieldError] = []
  /// How many more there are.
  private(set) var moreErrors = 0

  init(_ json: JSON, at place: Place = .body) {
    self.place = place
    if case .object(let members) = json {
      self.members = members
      isObject = true
    } else {
      members = []
      isObject = false
      errors.append(.init(pointer: place.pointer, detail: "must be an object, not \(json.kind)"))
    }
  }

  // MARK: Taking

  mutating func take(_ name: String) -> JSON? {
    guard let index = index(of: name) else { return nil }
    taken += 1
    if case .null = members[index].value { return nil }
    return members[index].value
  }

  /// Most names differ in length, which is seen sooner than that they are not the same.
  private func index(of name: String) -> Int? {
    let length = name.utf8.count
    for index in members.indices where members[index].name.utf8.count == length && members[index].name == name {
      return index
    }
    return nil
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
    add(.init(pointer: pointer(to: name), detail: detail))
  }

  private mutating func add(_ error: Problem.FieldError) {
    if errors.count < Limits.errors { errors.append(error) } else { moreErrors += 1 }
  }

  func hasComplained(of names: [String]) -> Bool {
    errors.contains { error in names.contains { error.pointer == pointer(to: $0) } }
  }

  /// - Parameter more: how many there are beside.
  mutating func adopt(_ errors: [Problem.FieldError], more: Int = 0) {
    for error in errors { add(error) }
    moreErrors += more
  }

  /// The RFC 6901 pointer to a member.
  func pointer(to name: String) -> String {
    guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
      return "\(place.pointer)/\(name)"
    }
    var escaped = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return "\(place.pointer)/\(escaped)"
  }

  // MARK: The end

  /// Complains of every member that is not in `known`.
  mutating func refuseUnknown(_ known: [String]) {
    guard taken < members.count else { return }
    for member in members where !known.contains(member.name) {
      if errors.count == Limits.errors {
        moreErrors += 1  // without looking for what was meant, which takes its time
        continue
      }
      complain(member.name, Spelling.complaint(about: member.name, known: known))
    }
  }

  /// Throws if anything was wrong.
  func check() throws(Problem) {
    guard let first = errors.first else { return }
    let place = first.pointer.isEmpty ? "the body" : first.pointer
    let count = errors.count + moreErrors
    let others = count == 1 ? "" : ", and \(count - 1) more"
    throw Problem(.invalid, "\(place) \(first.detail)\(others)", errors: errors)
  }
}
