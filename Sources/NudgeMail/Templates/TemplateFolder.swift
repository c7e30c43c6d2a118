import Foundation

/// A shop's folder of templates, read and checked for what each file is.
struct TemplateFolder {
  /// By folder: `reminder`, `reminder-2`, `order`.
  private(set) var sources: [String: [MailPart: TemplateSource]] = [:]
  private(set) var partials: [TemplateLanguage: [String: TemplateSource]] = [:]
  private static let partialsName = "partials"

  init(path: String) throws(TemplateError) {
    let names = try Self.entries(of: path)
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
