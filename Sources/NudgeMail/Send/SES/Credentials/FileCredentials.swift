import Dispatch
import Synchronization

/// Keys in files, read again when the files have changed: whoever corrects them need not tell anybody.
final class FileCredentials: AWSCredentialsSource {
  private struct Reading {
    var credentials: AWSCredentials
    var stamps: [SecretFile.Stamp?]
  }

  let place: String
  private let files: [SecretFile]
  private let load: @Sendable () throws(CredentialsError) -> AWSCredentials
  private let reading: Mutex<Reading?>
  /// Files block a thread; it must not be one of those that tasks share.
  private let queue = DispatchQueue(label: "nudged.credentials")

  /// Reads the files once, here.
  ///
  /// - Parameter load: gets the keys out of `files`.
  init(
    _ files: [SecretFile], from place: String, load: @escaping @Sendable () throws(CredentialsError) -> AWSCredentials
  ) throws(CredentialsError) {
    self.files = files
    self.place = place
    self.load = load
    let stamps = files.map(\.stamp)
    reading = Mutex(Reading(credentials: try load(), stamps: stamps))
  }

  func current() async throws(CredentialsError) -> AWSCredentials {
    try await withCheckedContinuation { continuation in
      queue.async { continuation.resume(returning: self.read()) }
    }.get()
  }

  func renew(_ used: AWSCredentials) async -> CredentialsError? {
    reading.withLock { $0 = nil }
    do throws(CredentialsError) {
      guard try await current() == used else { return nil }
      return CredentialsError(place: place, problem: "has no others yet; it is read again when it changes")
    } catch {
      return error
    }
  }

  private func read() -> Result<AWSCredentials, CredentialsError> {
    let stamps = files.map(\.stamp)  // before the text: what changes in between is read again next time
    if let last = reading.withLock({ $0 }), last.stamps == stamps { return .success(last.credentials) }
    let result: Result<AWSCredentials, CredentialsError>
    do throws(CredentialsError) { result = .success(try load()) } catch { result = .failure(error) }
    reading.withLock { $0 = (try? result.get()).map { Reading(credentials: $0, stamps: stamps) } }
    return result
  }
}
