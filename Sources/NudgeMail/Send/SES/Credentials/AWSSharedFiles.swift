// The files that AWS's own programs share: ~/.aws/credentials and ~/.aws/config.
extension AWSCredentialsChain {
  /// One of the two files.
  private struct Shared {
    var file: SecretFile
    var style: AWSProfile.Style

    func profile(_ name: String) throws(CredentialsError) -> AWSProfile? {
      guard let text = try file.readIfThere() else { return nil }
      return try AWSProfile(name, in: text, of: file.path, style: style)
    }
  }

  /// Nil if nobody named a profile, and the one called default has no keys.
  func shared() throws(CredentialsError) -> (any AWSCredentialsSource)? {
    let named = profile ?? variable("AWS_PROFILE")
    let name = named ?? AWSProfile.standardName
    let files = try sharedFiles()
    let profiles = try Self.profiles(name, in: files)
    if named == nil, try Self.credentials(in: profiles) == nil { return nil }
    let place = "profile \(name) in \(files.map(\.file.path).joined(separator: " and "))"
    return try FileCredentials(files.map(\.file), from: place) { () throws(CredentialsError) in
      let profiles = try Self.profiles(name, in: files)
      if let credentials = try Self.credentials(in: profiles) { return credentials }
      throw Self.missing(name, in: profiles, files)
    }
  }

  /// A file that somebody named must be there.
  private func sharedFiles() throws(CredentialsError) -> [Shared] {
    let home = variable("HOME").map { "\($0)/.aws" }
    var files: [Shared] = []
    for (variable, name, style) in [
      ("AWS_SHARED_CREDENTIALS_FILE", "credentials", AWSProfile.Style.credentials),
      ("AWS_CONFIG_FILE", "config", .configuration),
    ] {
      if let path = self.variable(variable) {
        _ = try SecretFile(path: path).read()
        files.append(Shared(file: SecretFile(path: path), style: style))
      } else if let home {
        files.append(Shared(file: SecretFile(path: "\(home)/\(name)"), style: style))
      }
    }
    return files
  }

  private static func profiles(_ name: String, in files: [Shared]) throws(CredentialsError) -> [AWSProfile] {
    var profiles: [AWSProfile] = []
    for file in files {
      if let profile = try file.profile(name) { profiles.append(profile) }
    }
    return profiles
  }

  /// The keys of the first of `profiles` that has some.
  private static func credentials(in profiles: [AWSProfile]) throws(CredentialsError) -> AWSCredentials? {
    for profile in profiles {
      if let credentials = try profile.credentials() { return credentials }
    }
    return nil
  }

  private static func missing(_ name: String, in profiles: [AWSProfile], _ files: [Shared]) -> CredentialsError {
    if let profile = profiles.first(where: \.exists) { return profile.lacksKeys }
    let place = files.isEmpty ? "environment" : files.map(\.file.path).joined(separator: ", ")
    let known = profiles.flatMap(\.known).joined(separator: ", ")
    let advice = known.isEmpty ? "there is none" : "those there are \(known)"
    return CredentialsError(place: place, problem: "no profile \(name); \(advice)")
  }
}

extension AWSProfile {
  /// Why the profile is of no use.
  var lacksKeys: CredentialsError {
    if let foreignSetting {
      let problem =
        "[\(name)] asks for keys with \(foreignSetting), which nudged does not do; write the keys themselves"
      return CredentialsError(place: file, problem: problem)
    }
    let others = known.isEmpty ? "no profile in it" : "its profiles are \(known.joined(separator: ", "))"
    return CredentialsError(
      place: file, problem: "no aws_access_key_id in the section [\(name)]" + (exists ? "" : "; \(others)"))
  }
}
