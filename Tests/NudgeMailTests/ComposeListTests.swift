import NudgeDomain
import Testing

@testable import NudgeMail

@Suite("The List-ID of a mail") struct ComposeListTests {
  private func id(_ shop: String, _ kind: Message.Kind = .order, domain: String = "shop.example") -> String {
    ListID(kind: kind, shop: shop, sender: nil, domain: domain).identifier
  }

  @Test("names the shop and the stream, for people and for filters")
  func field() throws {
    let composer = Composer()
    let reminder = try composer.compose(ComposeMail.request(.reminder(step: 2)))
    #expect(reminder.field("List-ID") == "Example Shop reminders <reminders.default.shop.example>")
    let order = try composer.compose(ComposeMail.request(.order) { $0.from.address = "a@Münchner.EXAMPLE" })
    #expect(order.field("List-ID") == "Example Shop orders <orders.default.xn--mnchner-n2a.example>")
    let nameless = try composer.compose(ComposeMail.request { $0.from.name = nil })
    #expect(nameless.field("List-ID") == "default reminders <reminders.default.shop.example>")
    let foreign = try composer.compose(ComposeMail.request { $0.from.name = "Löffel" })
    #expect(foreign.field("List-ID") == "=?utf-8?B?TMO2ZmZlbCByZW1pbmRlcnM=?=| <reminders.default.shop.example>")
  }

  @Test("keeps a shop's name that is a label, and makes one of any other")
  func names() {
    #expect(id("outlet-2") == "orders.outlet-2.shop.example")
    #expect(id("My.Shop_DE").wholeMatch(of: /orders\.my-shop-de--[0-9a-f]{20}\.shop\.example/) != nil)
    #expect(id("日本").wholeMatch(of: /orders\.shop--[0-9a-f]{20}\.shop\.example/) != nil)
    #expect(id("outlet") == id("outlet"))
  }

  @Test("differs for shops that differ, if only in case or in what no label holds")
  func collisions() {
    let shops = [
      "a", "A", "a.b", "a-b", "a_b", "a--b", "-a", "a-", "", " ", "ä", "a\u{308}x", "äx", "日", "本", "..", "--", "shop",
      String(repeating: "s", count: 63), String(repeating: "s", count: 64), String(repeating: "s", count: 65),
      String(repeating: "s", count: 64) + "t", "a--" + String(repeating: "0", count: 20),
    ]
    #expect(Set(shops.map { id($0) }).count == shops.count)
    #expect(id("a") != id("a", .reminder(step: 1)))
    #expect(id("a", .reminder(step: 1)) == id("a", .reminder(step: 2)))
  }

  @Test("is an identifier by RFC 2919, however long the shop's name and the domain are")
  func form() {
    let label = String(repeating: "d", count: 60)
    let domains = [
      "shop.example", "localhost", "SHOP.example", [label, label, label, "example"].joined(separator: "."),
    ]
    let longest = [label, label, label, label, "example"].joined(separator: ".")
    for shop in ["default", "日本", String(repeating: "s", count: 255)] {
      for domain in domains + [longest] {
        let id = id(shop, domain: domain)
        #expect(id.utf8.count <= 255 && id == id.lowercased())
        #expect(id.wholeMatch(of: /[a-z0-9-]+(\.[a-z0-9-]+)+/) != nil, "\(id)")
        #expect(id.split(separator: ".").allSatisfy { $0.utf8.count <= 63 })
      }
    }
    #expect(id("日本", domain: longest) != id("日", domain: longest))
  }
}
