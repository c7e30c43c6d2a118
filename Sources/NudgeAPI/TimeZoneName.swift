import Foundation
import Synchronization

/// The name of a time zone of the IANA database: "Europe/Berlin".
enum TimeZoneName {
  private static let example = "must be an IANA time zone, like \"Europe/Berlin\""

  static func complaint(about text: String) -> String? {
    isKnown(text) ? nil : example
  }

  /// Looking one up reads a file, so that answers are kept. There are about 600 names.
  private static let answers = Mutex<[String: Bool]>([:])
  private static let answersKept = 1_000

  private static func isKnown(_ name: String) -> Bool {
    guard (1...Limits.timeZoneBytes).contains(name.utf8.count), name.hasOnly(isNameByte) else { return false }
    if let known = answers.withLock({ $0[name] }) { return known }
    let known = !isOffset(name) && TimeZone(identifier: name) != nil
    answers.withLock { answers in
      if answers.count >= answersKept { answers.removeAll() }
      answers[name] = known
    }
    return known
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: "+"):
      true
    default: false
    }
  }

  /// True for "GMT+2" and the like, which Foundation takes but the database does not have.
  private static func isOffset(_ name: String) -> Bool {
    (name.hasPrefix("GMT") && !["GMT", "GMT0", "GMT+0", "GMT-0"].contains(name))
      || (name.hasPrefix("UTC") && name != "UTC")
  }
}
