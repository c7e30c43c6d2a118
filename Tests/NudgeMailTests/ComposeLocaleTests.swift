import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

@Suite("Templates in the shopper's language") struct ComposeLocaleTests {
  private func withFiles<T>(_ files: [String: String], _ body: (String) async throws -> T) async throws -> T {
    try await withTemporaryFolder { folder in
      for (name, text) in files {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
      return try await body(folder.path)
    }
  }

  private func request(_ locale: String?, _ kind: Message.Kind = .reminder(step: 1)) -> MailRequest {
    ComposeMail.request(kind, cart: ComposeMail.cart { $0.locale = locale })
  }

  @Test(
    "are looked for under the tag, then under its shorter forms",
    arguments: [
      ("de-AT", ["de-at", "de"]), ("zh-Hant-TW", ["zh-hant-tw", "zh-hant", "zh"]),
      ("zh-TW", ["zh-tw", "zh-hant-tw", "zh-hant", "zh"]), ("zh-CN", ["zh-cn", "zh"]),
      ("sr-ME", ["sr-me", "sr-latn-me", "sr-latn", "sr"]),
      ("de-DE-u-co-phonebk", ["de-de-u-co-phonebk", "de-de-u-co", "de-de", "de"]), ("EN", ["en"]), ("", []),
      ("x-private", []), ("reminder", []), ("de_AT", []), ("../de", []),
    ])
  func chain(tag: String, chain: [String]) {
    #expect(LocaleTag.chain(tag) == chain)
  }

  @Test("come from the nearest folder, file by file; a language comes before a step")
  func files() async throws {
    let files = [
      "reminder/subject.txt": "any", "reminder/body.txt": "any text", "reminder-2/subject.txt": "any 2",
      "de/reminder/subject.txt": "de", "de/reminder/body.txt": "de text", "de-AT/reminder-2/subject.txt": "de-AT 2",
      "zh-Hant/reminder/subject.txt": "zh-Hant", "README/x": "", "img/logo.png": "",
    ]
    try await withFiles(files) { folder in
      let composer = Composer(templates: try TemplateSet(folder: folder))
      func read(_ locale: String?, _ step: Int = 1) throws -> [String] {
        let mail = try composer.render(request(locale, .reminder(step: step)))
        return [mail.subject, mail.text]
      }
      #expect(try read(nil) == ["any", "any text"])
      #expect(try read(nil, 2) == ["any 2", "any text"])
      #expect(try read("de-AT") == ["de", "de text"])
      #expect(try read("de-AT", 2) == ["de-AT 2", "de text"])
      #expect(try read("de-CH", 2) == ["de", "de text"])
      #expect(try read("DE", 2) == ["de", "de text"])
      #expect(try read("zh-Hant-TW") == ["zh-Hant", "any text"])
      #expect(try read("zh-TW") == ["zh-Hant", "any text"])
      #expect(try read("zh-CN") == ["any", "any text"])
      #expect(try read("fr") == ["any", "any text"])
    }
  }

  @Test("are the shop's language where the event's has none, and built in where the shop has none")
  func shopLocale() async throws {
    try await withFiles(["fr/order/subject.txt": "fr"]) { folder in
      let french = Composer(templates: try TemplateSet(folder: folder, locale: "fr-CA"))
      #expect(try french.render(request(nil, .order)).subject == "fr")
      #expect(try french.render(request("pl", .order)).subject == "fr")
      #expect(try french.render(request("pl")).text.hasPrefix("Bonjour Ann,"))
      #expect(try french.render(request("nl")).text.hasPrefix("Hallo Ann,"))
      let other = Composer(templates: try TemplateSet(folder: folder))
      #expect(try other.render(request("pl")).text.hasPrefix("Hello Ann,"))
      #expect(try other.render(request("it-CH")).text.hasPrefix("Buongiorno Ann,"))
      #expect(try Composer().render(request("es-MX")).text.hasPrefix("Hola, Ann:"))
    }
  }

  @Test("may change one sentence of the built-in ones, for all mails, one kind, or one language")
  func sentences() async throws {
    let files = [
      "partials/say-hello.txt": "Ahoy {{name}},\n", "de/partials/say-hello.txt": "Moin {{name}},\n",
      "de/partials/say-button-2.html": "Los!", "ar/partials/say-heading.html": "مرحبا",
    ]
    try await withFiles(files) { folder in
      let templates = try TemplateSet(folder: folder)
      try templates.check()
      let composer = Composer(templates: templates)
      #expect(try composer.render(request("en")).text.hasPrefix("Ahoy Ann,\n"))
      #expect(try composer.render(request("fr")).text.hasPrefix("Ahoy Ann,\n"))
      #expect(try composer.render(request("de-AT")).text.hasPrefix("Moin Ann,\n"))
      #expect(try composer.render(request("de-AT", .reminder(step: 2))).html.contains(">Los!</a>"))
      #expect(try composer.render(request("de-AT")).html.contains(">Weiter zur Kasse</a>"))
      let arabic = try composer.render(request("ar-EG")).html
      #expect(arabic.contains(#"<html lang="ar" dir="rtl">"#) && arabic.contains(">مرحبا</h1>"))
      #expect(arabic.contains(#"<td class="card" align="right""#))
    }
  }

  @Test("speak one language within a file: its own")
  func oneLanguage() async throws {
    let files = [
      "reminder/body.txt": "{{language}} {{> say-hello}}", "de/order/body.txt": "{{language}} {{> say-hello}}",
    ]
    try await withFiles(files) { folder in
      let composer = Composer(templates: try TemplateSet(folder: folder, locale: "nl"))
      #expect(try composer.render(request("fr")).text == "nl Hallo Ann,\n")
      #expect(try composer.render(request("de-AT", .order)).text == "de Guten Tag Ann,\n")
    }
  }

  @Test(
    "are checked, whatever the locale",
    arguments: [
      (["de-AT/order/subject.txt": "{{nmae}}"], "de-AT/order/subject.txt:1: nmae: no event carries it"),
      (["fr/partials/x.html": "{{> y}}"], "fr/partials/x.html:1: y: there is no partial of that name"),
      (["de_AT/order/subject.txt": "x"], "de_AT: is no locale; write de-AT"),
      (["de/order/subject.txt": "x", "DE/order/subject.txt": "x"], "de: is there twice, in another case"),
      (["es/reminder-01/subject.txt": "x"], "es/reminder-01: is for no step; the folder of step 2 is reminder-2"),
      (["it/order/body.md": "x"], "it/order/body.md: is none of subject.txt, body.txt, body.html"),
      (
        ["de/reminder-7/body.txt": "{{#items}}{{.sku}}{{/items}}"],
        "de/reminder-7/body.txt:1: .sku: no event carries it"
      ),
      (
        ["de/order/body.txt": "{{step}}"],
        "de/order/body.txt:1: step: the event does not carry it, and no section guards it"
      ),
    ])
  func mistakes(files: [String: String], problem: String) async throws {
    try await withFiles(files) { folder in
      let error = #expect(throws: TemplateError.self) { try TemplateSet(folder: folder).check() }
      #expect(error?.description.replacing(folder + "/", with: "") == problem)
    }
  }

  @Test("say the same things in every built-in language", arguments: ComposeShopWindow.languages)
  func catalogue(language: String) throws {
    let words = try #require(BuiltInTemplates.words[language])
    let english = try #require(BuiltInTemplates.words["en"])
    #expect(words.sources[.text]?.keys.sorted() == english.sources[.text]?.keys.sorted())
    for (name, source) in words.sources[.text] ?? [:] {
      let names = Set(Self.names(in: source.tags))
      #expect(names == Set(Self.names(in: english.sources[.text]?[name]?.tags ?? [])), "\(language) \(name)")
    }
    for kind in ComposeMail.kinds {
      for cart in ComposeShopWindow.carts.map(\.cart) {
        let rendered = try Composer().render(ComposeMail.request(kind, cart: cart) { $0.cart.locale = language })
        #expect(rendered.html.contains(#"<html lang="\#(language)" dir="ltr">"#))
        #expect(!rendered.subject.contains("  ") && !rendered.text.contains("{{"))
      }
    }
  }

  private static func names(in tags: [TemplateTag]) -> [String] {
    tags.flatMap { tag in
      switch tag {
      case .variable(let name, _): [name.text]
      case .section(let name, let isInverted, let inner): [(isInverted ? "^" : "#") + name.text] + names(in: inner)
      case .text, .partial: [] as [String]
      }
    }
  }
}
