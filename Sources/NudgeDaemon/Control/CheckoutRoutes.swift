import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `GET /checkouts`
  func listCheckouts(_ call: Call) async throws(Problem) -> Reply {
    let query = CheckoutQuery(
      state: try call.query.word("state", Checkout.State.self), shop: call.query["shop"], email: call.query["email"],
      limit: try call.query.limit(), after: try call.query.after())
    let page = try await asking { () throws(StoreError) in try await store.checkouts(query) }
    let reply = CheckoutPage(checkouts: page.elements.map(CheckoutSummary.init), next: page.next.map { String($0) })
    return Reply(.ok, reply.json)
  }

  /// `GET /checkouts/{id}`
  func showCheckout(_ call: Call) async throws(Problem) -> Reply {
    let key = CheckoutKey(shop: call.query["shop"] ?? CheckoutEvent.standardShop, id: call.id)
    guard let record = try await asking({ () throws(StoreError) in try await store.checkout(key) }) else {
      throw Problem(.notFound, "this shop has no such checkout")
    }
    let messages = try await asking { () throws(StoreError) in
      try await store.messages(MessageQuery(checkout: key, limit: Limits.pageSize)).elements
    }
    let cart: CartContent
    do { cart = try CartContent.parsing(record.checkout.latest.content) } catch {
      throw problem(.failed("The content of a checkout cannot be read: \(error)"))
    }
    let detail = CheckoutDetail(
      checkout: CheckoutSummary(record), cart: cart,
      messages: messages.sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }.map(MessageReply.init))
    return Reply(.ok, detail.json)
  }
}
