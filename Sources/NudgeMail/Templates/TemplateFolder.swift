import Foundation
import NudgeDomain

/// A shop's folder of templates for one locale, or for all of them, read and checked for what each file is.
struct TemplateFolder: Sendable {
  /// By folder: `reminder`, `reminder-2`, `order`.
  private(set) var sources: [String: [MailPart: TemplateSource]] = [:]
  private(set) var partials: [TemplateLanguage: [String: TemplateSource]] = [:]
  private static let partialsName = "partials"

  /// The folder and those for locales in it: under the empty name what is for no locale, else under the tag in lower case.
  static func read(_ path: String) throws(TemplateError) -> [String: TemplateFolder] {
    let names = try entries(of: path)
    var folders = ["": try TemplateFolder(path: path, names: names)]
    for name in names where isFolder("\(path)/\(name)") {
      let tag = name.replacing("_", with: "-")
      guard LocaleTag.isTag(tag) else { continue }
      let folder = try TemplateFolder(path: "\(path)/\(name)", names: try entries(of: "\(path)/\(name)"))
      guard !folder.sources.isEmpty || !folder.partials.isEmpty else { continue }
      guard tag == name else { throw TemplateError(file: "\(path)/\(name)", problem: "is no locale; write \(tag)") }
      guard folders.updateValue(folder, forKey: tag.lowercased()) == nil else {
        throw TemplateError(file: "\(path)/\(name)", problem: "is there twice, in another case")
      }
    }
    return folders
  }

  /// The steps that have templates of their own.
  var steps: [Int] { sources.keys.compactMap { Int($0.dropFirst("reminder-".count)) } }

  func source(_ part: MailPart, for kind: Message.Kind) -> TemplateSource? {
    switch kind {
    case .reminder(let step): sources["reminder-\(step)"]?[part] ?? sources["reminder"]?[part]
    case .order: sources["order"]?[part]
    }
  }

  private init(path: String, names: [String]) throws(TemplateError) {
    for name in names where Self.isMail(name) { sources[name] = try Self.mail(in: "\(path)/\(name)") }
    for name in names where name.hasPrefix("reminder-") && !Self.isMail(name) {
      throw TemplateError(file: "\(path)/\(name)", problem: "is for no step; the folder of step 2 is reminder-2")
    }
    if names.contains(Self.partialsName) { partials = try Self.partials(in: "\(path)/\(Self.partialsName)") }
  }

  /// `reminder`, `order`, or `reminder-` with a step.
  private static func isMail(_ name: String) -> Bool {
    if name == "reminder" || name == "order" { return true }
    let step = name.hasPrefix("reminder-") ? name.dropFirst("reminder-".count) : ""
    return Int(step).map { $0 > 0 && String($0) == step } ?? false
  }

  private static func mail(in folder: String) throws(TemplateError) -> [MailPart: TemplateSource] {
    var sources: [MailPart: TemplateSource] = [:]
    for name in try entries(of: folder) {
      guard let part = MailPart(rawValue: name) else {
        let known = MailPart.allCases.map(\.fileName).joined(separator: ", ")
        throw TemplateError(file: "\(folder)/\(name)", problem: "is none of \(known)")
      }
      sources[part] = try source("\(folder)/\(name)", part.language)
    }
    return sources
  }

  private static func partials(
    in folder: String
  ) throws(TemplateError) -> [TemplateLanguage: [String: TemplateSource]] {
    var partials: [TemplateLanguage: [String: TemplateSource]] = [:]
    for name in try entries(of: folder) {
      let parts = name.split(separator: ".")
      guard parts.count == 2, let language = TemplateLanguage(rawValue: String(parts[1])) else {
        throw TemplateError(file: "\(folder)/\(name)", problem: "is neither NAME.txt nor NAME.html")
      }
      partials[language, default: [:]][String(parts[0])] = try source("\(folder)/\(name)", language)
    }
    return partials
  }

  private static func isFolder(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  /// In the order of their names; hidden files and editors' copies are left out.
  private static func entries(of folder: String) throws(TemplateError) -> [String] {
    do {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      return names.filter { !$0.hasPrefix(".") && !$0.hasSuffix("~") }.sorted()
    } catch {
      throw TemplateError(file: folder, problem: "is no folder that can be read")
    }
  }

  private static func source(_ path: String, _ language: TemplateLanguage) throws(TemplateError) -> TemplateSource {
    let bytes = try bytes(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TemplateError(file: path, problem: "is not UTF-8")
    }
    let isMarked = text.unicodeScalars.first == "\u{FEFF}"
    return try TemplateSource(
      file: path, text: isMarked ? String(text.unicodeScalars.dropFirst()) : text, language: language)
  }

  /// The file's bytes, or the first few too many of them.
  private static func bytes(of path: String) throws(TemplateError) -> [UInt8] {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(filePath: path).resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular, let handle = FileHandle(forReadingAtPath: path)
    else {
      throw TemplateError(file: path, problem: "is no file that can be read")
    }
    defer { try? handle.close() }  // it was only read
    do {
      return Array(try handle.read(upToCount: TemplateSource.longest + 1) ?? Data())
    } catch {
      throw TemplateError(file: path, problem: "cannot be read: \(error)")
    }
  }
}
