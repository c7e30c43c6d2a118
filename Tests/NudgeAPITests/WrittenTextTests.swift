import Testing

@testable import NudgeAPI

/// What is written straight into bytes is what a tree of values says at length.
@Suite("Text that is written without a tree") struct WrittenTextTests {
  @Test("content is written as its tree, sorted, would be")
  func content() {
    var dice = Dice(seed: 21)
    for _ in 0..<5_000 {
      let cart = dice.cart()
      #expect(cart.canonical == JSON.object(ofSaid: cart.members).sorted.text)
    }
  }

  @Test("the reply to an event says all of it, whatever its texts are")
  func replies() throws {
    var dice = Dice(seed: 22)
    for _ in 0..<2_000 {
      let checkout = CheckoutReply(
        shop: dice.string(), checkoutID: dice.string(), state: dice.string(), generation: dice.below(1_000),
        changed: dice.below(2) == 0,
        nextReminderAt: dice.below(2) == 0 ? nil : Timestamp(milliseconds: Int64(dice.below(1 << 47))))
      #expect(try CheckoutReply(json: JSON(parsing: written(checkout.write))) == checkout)
      let order = OrderReply(
        shop: dice.string(), orderID: dice.string(), closed: (0..<dice.below(4)).map { _ in dice.string() },
        remindersCancelled: dice.below(1_000), remindersInFlight: dice.below(9), orderMessage: .queued)
      #expect(try OrderReply(json: JSON(parsing: written(order.write))) == order)
    }
  }

  @Test("a string is escaped where it must be and nowhere else, wherever in it that is")
  func strings() {
    var dice = Dice(seed: 23)
    for length in 0..<40 {
      for _ in 0..<100 {
        var bytes = (0..<length).map { _ in UInt8(dice.below(0x80)) }
        if dice.below(2) == 0 { bytes = bytes.map { max($0, UInt8(ascii: "#")) } }
        let string = String(decoding: bytes, as: UTF8.self) + (dice.below(2) == 0 ? "" : dice.string())
        #expect(JSON.string(string).text == escaped(string), "\(string.debugDescription)")
      }
    }
  }

  @Test("the first byte that does not stand for itself is found as if each were looked at, and so is what is not ASCII")
  func runs() {
    var dice = Dice(seed: 24)
    for _ in 0..<20_000 {
      let alphabet: [UInt8] = [0, 0x1F, 0x20, 0x21, 0x22, 0x23, 0x5B, 0x5C, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF]
      let isRare = dice.below(2) == 0
      let bytes = (0..<dice.below(30)).map { _ in
        isRare && dice.below(8) > 0 ? UInt8(ascii: "a") : alphabet[dice.below(alphabet.count)]
      }
      let start = dice.below(bytes.count + 1)
      let end = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? bytes.count
      bytes.withUnsafeBytes { raw in
        let run = PlainRun(in: raw, from: start)
        #expect(run.end == end && run.isASCII == bytes[start..<end].allSatisfy { $0 < 0x80 }, "\(bytes) from \(start)")
      }
    }
  }

  @Test("numbers are written as Swift writes them, with zeros in front where so many digits are wanted")
  func numbers() {
    var dice = Dice(seed: 25)
    let edges = [0, 9, 10, 99, 100, 999, 1_000, .max, .min, -1, -10]
    for number in edges + (0..<1_000).map({ _ in Int(truncatingIfNeeded: dice.next()) >> dice.below(64) }) {
      #expect(written { $0.write(number) } == "\(number)")
      let magnitude = "\(number.magnitude)"
      let padded = (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, 4 - magnitude.count)) + magnitude
      #expect(written { $0.write(number, digits: 4) } == padded)
    }
  }

  @Test("text grows beyond the room that it begins with")
  func growth() {
    var whole = ""
    let written = written { writer in
      for number in 0..<2_000 {
        whole += "\(number)é"
        writer.write("\(number)é")
      }
    }
    #expect(written == whole)
  }

  private func escaped(_ string: String) -> String {
    let short: [Unicode.Scalar: String] = [
      "\"": #"\""#, "\\": #"\\"#, "\u{8}": #"\b"#, "\t": #"\t"#, "\n": #"\n"#, "\u{C}": #"\f"#, "\r": #"\r"#,
    ]
    let parts = string.unicodeScalars.map { scalar -> String in
      if let short = short[scalar] { return short }
      guard scalar.value < 0x20 else { return String(scalar) }
      return #"\u00"# + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
    }
    return "\"" + parts.joined() + "\""
  }
}

/// What `body` writes.
func written(_ body: (inout TextWriter) -> Void) -> String {
  var writer = TextWriter()
  body(&writer)
  return writer.text
}

extension Dice {
  fileprivate mutating func cart() -> CartContent {
    let items: [CartContent.Item]? = maybe { dice in (0..<dice.below(4)).map { _ in dice.item() } }
    return CartContent(
      name: maybe { $0.string() }, locale: maybe { $0.string() }, timeZone: maybe { $0.string() },
      url: maybe { $0.string() }, items: items, total: maybe { $0.string() }, currency: maybe { $0.string() },
      metadata: maybe { $0.json(depth: 4) })
  }

  private mutating func item() -> CartContent.Item {
    CartContent.Item(
      name: string(), quantity: below(1_000_001), price: maybe { $0.string() }, imageURL: maybe { $0.string() },
      url: maybe { $0.string() })
  }

  private mutating func maybe<T>(_ value: (inout Dice) -> T) -> T? { below(3) == 0 ? nil : value(&self) }
}
