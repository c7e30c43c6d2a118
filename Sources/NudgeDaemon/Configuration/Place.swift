import Foundation
import Yams

/// Where things are: files, hosts, web addresses, regions.
extension Value {
  /// A path; one that does not begin with a slash counts from the file's own folder.
  static func path(relativeTo folder: URL) -> (Node) throws(Complaint) -> String {
    { (node) throws(Complaint) in
      let text = try text(node)
      return text.hasPrefix("/") ? text : folder.appending(path: text).standardizedFileURL.path
    }
  }

  static func absolutePath(_ node: Node) throws(Complaint) -> String {
    let text = try text(node)
    guard text.hasPrefix("/") else {
      throw Complaint(message: "\(node.shown) is no absolute path; write one that begins with a slash")
    }
    return text
  }

  static func webAddress(_ node: Node) throws(Complaint) -> String {
    let text = try text(node)
    guard let parts = URLComponents(string: text), ["http", "https"].contains(parts.scheme),
      parts.host?.isEmpty == false,
      parts.query == nil, parts.fragment == nil, parts.user == nil
    else {
      throw Complaint(message: "\(node.shown) is no web address; write \"https://email.eu-west-1.amazonaws.com\"")
    }
    return text
  }

  static func host(_ node: Node) throws(Complaint) -> String {
    let text = node.scalar?.string ?? ""
    guard !node.isNull, !text.isEmpty,
      text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || ".-:".contains($0)) })
    else { throw Complaint(message: "\(node.shown) is no host; write a name or an address such as 127.0.0.1") }
    return text
  }

  static func region(_ node: Node) throws(Complaint) -> String {
    let text = try text(node)
    guard text.allSatisfy({ $0.isASCII && ($0.isLowercase || $0.isNumber || $0 == "-") }) else {
      throw Complaint(message: "\(node.shown) is no region; write one such as eu-west-1")
    }
    return text
  }

  static func configurationSet(_ node: Node) throws(Complaint) -> String {
    let text = try text(node)
    guard text.utf8.count <= 64, text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "_-".contains($0)) })
    else {
      throw Complaint(message: "\(node.shown) is no configuration set; write at most 64 letters, digits, _ and -")
    }
    return text
  }
}
