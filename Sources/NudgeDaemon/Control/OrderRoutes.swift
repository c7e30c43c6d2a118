import HTTPTypes
import NudgeAPI
import NudgeDomain
import NudgeStore

extension Engine {
  /// `GET /orders/{id}`
  func showOrder(_ call: Call) async throws(Problem) -> Reply {
    let shop = call.query["shop"] ?? CheckoutEvent.standardShop
    let found = try await asking { () throws(StoreError) in try await store.order(shop: shop, id: call.id) }
    guard let record = found else { throw Problem(.notFound, "this shop has no such order, or it is forgotten") }
    return Reply(.ok, OrderDetail(record).json)
  }
}

extension OrderDetail {
  init(_ record: OrderRecord) {
    let order = record.order
    self.init(
      shop: order.shop, orderID: order.id, checkoutID: order.checkoutID, email: order.email,
      customerID: order.customerID, occurredAt: Timestamp(order.occurredAt), createdAt: Timestamp(record.createdAt),
      closed: record.closed, messages: record.message.map { [MessageReply($0)] } ?? [])
  }
}
