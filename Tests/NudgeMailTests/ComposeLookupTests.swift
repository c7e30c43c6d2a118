import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

/// The check follows names by itself, the rendering library by itself: this is where a difference would show.
@Suite("The check of templates and their rendering") struct ComposeLookupTests {
  private static let names = ["a", "b", "c", "a.b", "b.c", ".a", ".", ".b.c"]

  @Test("find the same values under the same names, in random templates and events", arguments: 0..<12 as Range<UInt64>)
  func agreement(seed: UInt64) async throws {
    var source = HostileSource(seed: seed)
    var shown = 0
    try await withTemporaryFolder { folder in
      for _ in 0..<60 {
        let metadata = Self.object(&source, depth: 4)
        let template = "{{#metadata}}x" + Self.template(&source, depth: 3) + "{{/metadata}}y"
        try Self.write(template, to: folder)
        let composer = Composer(templates: try TemplateSet(folder: folder.path))
        let request = ComposeMail.request(.order, cart: Cart(metadata: metadata))
        guard let text = try? composer.render(request).text else { continue }  // refused, and so never rendered
        // Every variable that the check lets pass shows something; the library shows a missing one as nothing.
        #expect(!text.contains("[]"), "\(template) with \(metadata) gave \(text)")
        shown += text.count { $0 == "[" }
      }
    }
    #expect(shown > 0)
  }

  private static func write(_ template: String, to folder: URL) throws {
    let order = folder.appending(path: "order")
    try FileManager.default.createDirectory(at: order, withIntermediateDirectories: true)
    try Data(template.utf8).write(to: order.appending(path: "body.txt"))
  }

  private static func template(_ source: inout HostileSource, depth: Int) -> String {
    (0...source.number(below: 3)).map { _ in
      let name = source.pick(names)
      switch source.number(below: depth > 0 ? 4 : 1) {
      case 0, 1: return "[{{\(name)}}]"
      case 2: return "{{#\(name)}}\(template(&source, depth: depth - 1)){{/\(name)}}"
      default: return "{{^\(name)}}\(template(&source, depth: depth - 1)){{/\(name)}}"
      }
    }.joined()
  }

  private static func object(_ source: inout HostileSource, depth: Int) -> TemplateValue {
    .object(
      ["a", "b", "c"].filter { _ in source.number(below: 4) > 0 }.map { name in
        .init(name: name, value: value(&source, depth: depth - 1))
      })
  }

  private static func value(_ source: inout HostileSource, depth: Int) -> TemplateValue {
    switch source.number(below: depth > 0 ? 8 : 4) {
    case 0: .null
    case 1: .bool(source.number(below: 2) == 0)
    case 2, 3: .string("«")
    case 4, 5: .array((0..<source.number(below: 3)).map { _ in value(&source, depth: depth - 1) })
    default: object(&source, depth: depth - 1)
    }
  }
}
