import Foundation
import NudgeDomain
import NudgeMail
import TestKit
import Testing

@Suite("A shop's templates") struct ComposeTemplateTests {
  /// Templates of a reminder with that text, and what is in `files` besides.
  private func withTemplates<T>(
    _ text: String = "x", _ files: [String: String] = [:], _ body: (String) async throws -> T
  ) async throws -> T {
    try await withTemporaryFolder { folder in
      for (name, text) in ["reminder/body.txt": text].merging(files, uniquingKeysWith: { $1 }) {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return try await body(folder.path)
    }
  }

  private func text(_ template: String, cart: Cart = ComposeMail.cart()) async throws -> String {
    try await withTemplates(template) { folder in
      try Composer(templates: TemplateSet(folder: folder)).render(ComposeMail.request(cart: cart)).text
    }
  }

  /// The error of a template, its file cut down to what a test knows.
  private func error(
    _ template: String, _ files: [String: String] = [:], cart: Cart = ComposeMail.cart(), checked: Bool = false
  ) async throws -> String? {
    try await withTemplates(template, files) { folder in
      do {
        let templates = try TemplateSet(folder: folder)
        if checked {
          try templates.check()
        } else {
          _ = try Composer(templates: templates).compose(ComposeMail.request(cart: cart))
        }
        return nil
      } catch {
        return "\(error)".replacing(folder + "/", with: "")
      }
    }
  }

  @Test("of a step come before the general ones, those before the built-in ones")
  func resolution() async throws {
    let files = [
      "reminder/subject.txt": "general", "reminder-2/subject.txt": "second", "order/subject.txt": "order",
      "reminder/.body.html.swp": "x", "README.md": "x",
    ]
    try await withTemplates("text", files) { folder in
      let composer = Composer(templates: try TemplateSet(folder: folder))
      let cart = ComposeMail.cart { $0.locale = "en" }
      let mails = try ComposeMail.kinds.map { try composer.render(ComposeMail.request($0, cart: cart)) }
      #expect(mails.map(\.subject) == ["general", "second", "general", "general", "order"])
      #expect(mails.prefix(4).map(\.text) == ["text", "text", "text", "text"])
      #expect(mails[1].html.contains("Your cart is still here"))
      #expect(mails[4].text.contains("thank you"))
    }
  }

  @Test("escape values in HTML, quotes before combining marks too, and leave text as it is")
  func escaping() async throws {
    let files = ["reminder/body.html": "<a title=\"{{name}}\">{{{name}}}</a>"]
    try await withTemplates("{{name}}", files) { folder in
      let cart = ComposeMail.cart { $0.name = "<b>&\"\u{301}'\u{338}>\u{338}" }
      let mail = try Composer(templates: TemplateSet(folder: folder)).render(ComposeMail.request(cart: cart))
      let escaped = "&lt;b&gt;&amp;&quot;\u{301}&#39;\u{338}&gt;\u{338}"
      let hostile = cart.name ?? ""
      #expect(mail.text == hostile)
      #expect(mail.html == "<a title=\"\(escaped)\">\(hostile)</a>")
    }
  }

  @Test(
    "reach what the event carries",
    arguments: [
      (
        "{{shop}} {{shop_name}} {{email}} {{checkout_id}} {{step}} {{is_last}}",
        "default Example Shop ann@example.com c-1001 1 false"
      ),
      (
        "{{total}} {{total_amount}} {{currency}} {{locale}} {{time_zone}}", "25,00\u{A0}€ 25.00 EUR de-DE Europe/Berlin"
      ),
      (
        "{{#items}}{{position}}. {{quantity}} {{name}} {{price}} {{line_total}}{{/items}}",
        "1. 2 Mug 12,50\u{A0}€ 25,00\u{A0}€"
      ),
      ("{{metadata.code}} {{metadata.deep.er}} {{metadata.amount}}", "SAVE here 1.50"),
      ("{{#metadata}}{{code}}{{#deep}}{{er}}{{code}}{{/deep}}{{/metadata}}", "SAVEhereSAVE"),
      ("{{#metadata.tags}}[{{.}}]{{/metadata.tags}}", "[a][b]"),
      ("{{#metadata.rows}}{{#.}}{{.}}{{/.}};{{/metadata.rows}}", "12;3;"),
      ("{{#metadata.yes}}{{name}}{{/metadata.yes}}{{^metadata.no}}!{{/metadata.no}}", "Ann!"),
      (
        "{{^metadata.none}}a{{/metadata.none}}{{^metadata.empty}}b{{/metadata.empty}}{{#metadata.empty}}c{{/metadata.empty}}",
        "ab"
      ),
      ("{{^nowhere}}a{{/nowhere}}{{#nowhere}}{{nowhere.at.all}}{{/nowhere}}x{{! a comment {{ }}", "ax"),
      (
        "{{#items}}{{#.url}}{{url}}{{/.url}}{{^.image_url}}{{url}}{{/.image_url}}{{/items}}", "https://shop.example/mug"
      ),
      ("{{#name}}{{ . }}{{&name}}{{/name}}", "AnnAnn"),
    ])
  func values(template: String, text: String) async throws {
    let cart = ComposeMail.cart {
      $0.metadata = .object([
        .init(name: "code", value: .string("SAVE")), .init(name: "amount", value: .number("1.50")),
        .init(name: "deep", value: .object([.init(name: "er", value: .string("here"))])),
        .init(name: "tags", value: .array([.string("a"), .string("b")])),
        .init(name: "rows", value: .array([.array([.number("1"), .number("2")]), .array([.number("3")])])),
        .init(name: "yes", value: .bool(true)), .init(name: "no", value: .bool(false)),
        .init(name: "none", value: .null), .init(name: "empty", value: .string("")),
      ])
    }
    #expect(try await self.text(template, cart: cart) == text)
  }

  @Test(
    "that show what the event does not carry fail before anything is sent",
    arguments: [
      ("a\n{{nmae}}", "reminder/body.txt:2: nmae: the event does not carry it, and no section guards it"),
      (
        "{{#items}}\n\n{{sku}}{{/items}}",
        "reminder/body.txt:3: sku: the event does not carry it, and no section guards it"
      ),
      ("{{name.first}}", "reminder/body.txt:1: name.first: the event does not carry it, and no section guards it"),
      ("{{metadata.x}}", "reminder/body.txt:1: metadata.x: the event does not carry it, and no section guards it"),
      (
        "{{^name}}{{x}}{{/name}}{{#name}}{{{y}}}{{/name}}",
        "reminder/body.txt:1: y: the event does not carry it, and no section guards it"
      ),
      (
        "{{#items}}{{.total}}{{/items}}",
        "reminder/body.txt:1: .total: the event does not carry it, and no section guards it"
      ),
      ("{{items}}", "reminder/body.txt:1: items: is a list, which only a section can show"),
      ("{{.}}", "reminder/body.txt:1: .: has parts; name one of them"),
      ("{{#nothing}}{{/nothing}}", "reminder/body.txt: shows nothing"),
    ])
  func missing(template: String, problem: String) async throws {
    #expect(try await error(template) == problem)
  }

  @Test("look into partials, and name the file that a fault is in")
  func partials() async throws {
    let files = ["partials/line.txt": "- {{name}}\n", "partials/bad.txt": "\n{{nope}}"]
    try await withTemplates("{{#items}}\n  {{> line}}\n{{/items}}", files) { folder in
      let mail = try Composer(templates: TemplateSet(folder: folder)).render(ComposeMail.request())
      #expect(mail.text == "  - Mug\n")
    }
    #expect(
      try await error("{{> bad}}", files)
        == "partials/bad.txt:2: nope: the event does not carry it, and no section guards it")
    #expect(try await error("\n{{> gone}}", files) == "reminder/body.txt:2: gone: there is no partial of that name")
    #expect(
      try await error("{{> a}}", ["partials/a.txt": "{{> b}}", "partials/b.txt": "{{#name}}{{> a}}{{/name}}"])
        .map { $0.hasSuffix("this partial contains itself") } == true)
  }

  @Test("may replace a part of the built-in ones")
  func replacedPartial() async throws {
    try await withTemplates("x", ["partials/foot.html": "OUR FOOT"]) { folder in
      let mail = try Composer(templates: TemplateSet(folder: folder)).render(ComposeMail.request())
      #expect(mail.html.hasSuffix("OUR FOOT"))
    }
  }

  @Test(
    "with a mistake in a tag are refused with file and line",
    arguments: [
      ("a\n{{#name}}b", "reminder/body.txt:2: name: is never closed"),
      ("{{#name}}\n{{/nmae}}", "reminder/body.txt:2: nmae: is closed where name, opened in line 1, is to be closed"),
      ("\n\n{{/name}}", "reminder/body.txt:3: name: is closed, but was never opened"),
      ("a {{name", "reminder/body.txt:1: a tag is not closed"),
      ("{{{name}}", "reminder/body.txt:1: a tag is not closed"),
      ("{{}}", "reminder/body.txt:1: : is no name of letters, digits, - and _"),
      ("{{a b}}", "reminder/body.txt:1: a b: is no name of letters, digits, - and _"),
      ("{{a..b}}", "reminder/body.txt:1: a..b: is no name of letters, digits, - and _"),
      ("{{uppercased(name)}}", "reminder/body.txt:1: uppercased(name): is no name of letters, digits, - and _"),
      ("{{=<% %>=}}", "reminder/body.txt:1: tags that begin with {{= are not supported"),
      ("{{< base}}{{/base}}", "reminder/body.txt:1: tags that begin with {{< are not supported"),
      ("{{% CONTENT_TYPE:TEXT}}", "reminder/body.txt:1: tags that begin with {{% are not supported"),
      ("{{> *name}}", "reminder/body.txt:1: *name: is no name of letters, digits, - and _"),
    ])
  func syntax(template: String, problem: String) async throws {
    #expect(try await error(template) == problem)
  }

  @Test("cannot grow without bound")
  func bounds() async throws {
    let many = ComposeMail.cart { $0.items = (0..<100).map { .init(name: "Item \($0)") } }
    let thrice = "{{#items}}{{#items}}{{#items}}.{{/items}}{{/items}}{{/items}}"
    #expect(try await error(thrice, cart: many) == "reminder/body.txt: grows beyond 1048576 bytes or 100000 tags")
    let large = ComposeMail.cart {
      $0.metadata = .object([.init(name: "x", value: .string(String(repeating: "<", count: 300_000)))])
    }
    #expect(
      try await error("{{metadata.x}}{{metadata.x}}{{metadata.x}}{{metadata.x}}", cart: large)?.contains("grows beyond")
        == true)
    let escaped = ["reminder/body.html": "{{metadata.x}}"]
    #expect(try await error("x", escaped, cart: large) == "reminder/body.html: grows beyond 1048576 bytes")
    let deep = String(repeating: "{{#name}}", count: 40) + String(repeating: "{{/name}}", count: 40)
    #expect(try await error(deep)?.contains("lies in more than 32 sections") == true)
  }

  @Test("with a subject of two lines are refused when a mail is written")
  func subjectOfTwoLines() async throws {
    let problem = try await error("x", ["reminder/subject.txt": "one\ntwo"])
    #expect(problem == "subject contains the control character U+000A")
    #expect(try await error("x", ["reminder/subject.txt": "  one\n"]) == nil)
  }

  @Test("in files of the wrong name or kind are refused")
  func files() async throws {
    #expect(try await error("x", ["reminder/body.htm": "x"])?.hasPrefix("reminder/body.htm: is none of") == true)
    #expect(try await error("x", ["reminder-two/body.txt": "x"])?.hasPrefix("reminder-two: is for no step") == true)
    #expect(try await error("x", ["reminder-02/body.txt": "x"])?.hasPrefix("reminder-02: is for no step") == true)
    #expect(try await error("x", ["partials/a.mustache": "x"])?.hasPrefix("partials/a.mustache: is neither") == true)
    #expect(try await error("x", ["reminder/body.html/x": "x"]) == "reminder/body.html: is no file that can be read")
    #expect(try await error(String(repeating: "x", count: 300_000)) == "reminder/body.txt: is larger than 262144 bytes")
    #expect(throws: TemplateError.self) { try TemplateSet(folder: "/nowhere") }
    try await withTemporaryFolder { folder in
      try FileManager.default.createDirectory(at: folder.appending(path: "order"), withIntermediateDirectories: true)
      try Data([0x61, 0xFF]).write(to: folder.appending(path: "order/subject.txt"))
      #expect(throws: TemplateError.self) { try TemplateSet(folder: folder.path) }
    }
  }

  @Test("are checked without an event: misspelt names are found even where they are guarded, metadata is trusted")
  func check() async throws {
    #expect(try await error("{{metadata.any.thing}}{{#metadata}}{{other}}{{/metadata}}", checked: true) == nil)
    #expect(try await error("{{#nmae}}x{{/nmae}}x", checked: true) == "reminder/body.txt:1: nmae: no event carries it")
    #expect(
      try await error("x{{^name}}{{nmae}}{{/name}}", checked: true) == "reminder/body.txt:1: nmae: no event carries it")
    #expect(try await error("{{price}}", checked: true)?.contains("price: the event does not carry it") == true)
    #expect(
      try await error("x", ["reminder-7/subject.txt": "{{items}}"], checked: true)
        == "reminder-7/subject.txt:1: items: is a list, which only a section can show")
    #expect(try await error("{{order_id}}", checked: true) == nil)
  }

  @Test("with a mark of UTF-8 at the start and CRLF line ends read as any other")
  func lineEnds() async throws {
    #expect(try await text("\u{FEFF}{{#name}}\r\nHello {{name}}\r\n{{/name}}\r\n") == "Hello Ann\n")
  }
}
