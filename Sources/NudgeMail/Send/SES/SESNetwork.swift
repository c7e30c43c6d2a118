/// What carries requests to SES and answers back, where it is not the network: a simulation.
package struct SESNetwork: Sendable {
  /// A request, signed, of which nothing has left yet.
  package struct Parcel: Sendable {
    package let method: String
    package let path: String
    let body: LetterBody?

    /// Lets the whole request leave: from here on SES may have it.
    ///
    /// - Returns: its body.
    /// - Throws: if the letter was taken back; then nothing leaves, and what carries it gives up.
    package func leave() async throws -> [UInt8] {
      guard let body else { return [] }
      guard body.begin() else { throw LetterBody.Withdrawn() }
      body.end()
      return body.bytes
    }
  }

  /// What SES answered.
  package struct Answer: Sendable {
    package var status: Int
    /// The header `x-amzn-ErrorType`.
    package var errorType: String?
    package var body: [UInt8]

    package init(status: Int, errorType: String? = nil, body: [UInt8]) {
      self.status = status
      self.errorType = errorType
      self.body = body
    }
  }

  /// Throws if there is no answer: before `leave` nothing was sent, after it nobody knows.
  let carry: @Sendable (Parcel) async throws -> Answer

  package init(carry: @escaping @Sendable (Parcel) async throws -> Answer) {
    self.carry = carry
  }

  func answer(to signed: SigV4.Request, _ body: LetterBody?) async throws -> SESAnswer {
    let answer = try await carry(Parcel(method: signed.method, path: signed.path, body: body))
    return SESAnswer(status: answer.status, errorType: answer.errorType, body: answer.body)
  }
}
