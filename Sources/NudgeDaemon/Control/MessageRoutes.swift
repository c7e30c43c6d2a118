import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `GET /messages`
  func listMessages(_ call: Call) async throws(Problem) -> Reply {
    let shop = call.query["shop"]
    let checkout = call.query["checkout_id"].map { CheckoutKey(shop: shop ?? CheckoutEvent.standardShop, id: $0) }
    let query = MessageQuery(
      states: try call.query.words("state", Message.State.self), shop: shop, email: call.query["email"],
      checkout: checkout, kind: try call.query.word("kind", MessageQuery.Kind.self),
      reason: try call.query.word("reason", Reason.self), limit: try call.query.limit(), after: try call.query.after())
    let page = try await asking { () throws(StoreError) in try await store.messages(query) }
    let reply = MessagePage(messages: page.elements.map(MessageReply.init), next: page.next.map { String($0) })
    return Reply(.ok, reply.json)
  }

  /// `GET /messages/{id}`
  func showMessage(_ call: Call) async throws(Problem) -> Reply {
    let id = try call.messageID()
    guard let record = try await asking({ () throws(StoreError) in try await store.message(id) }) else {
      throw problem(.notFound)
    }
    return Reply(.ok, MessageReply(record).json)
  }

  /// `GET /messages/{id}/mail`
  func showMail(_ call: Call) async throws(Problem) -> Reply {
    let id = try call.messageID()
    guard let content = try await asking({ () throws(StoreError) in try await store.messageContent(id) }) else {
      throw problem(.notFound)
    }
    return Reply(.ok, try surroundings.mail(content, id).json)
  }
}

extension Call {
  func messageID() throws(Problem) -> Int64 {
    guard let number = MessageID.number(id) else {
      throw Problem(.notFound, "there is no such message; messages are named like m-17")
    }
    return number
  }
}
