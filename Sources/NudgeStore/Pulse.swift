extension Store {
  /// Returns when the writer has got through all that was queued before: a sign that it works. Writes nothing.
  package func pulse() async throws(StoreError) {
    try await writer.perform { (_) throws(StoreError) in }
  }
}
