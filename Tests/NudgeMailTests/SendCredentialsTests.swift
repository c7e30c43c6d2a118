import Foundation
import NudgeDomain
import TestKit
import Testing

@testable import NudgeMail

/// The chain as the daemon makes it, with a machine that has no metadata service.
func credentialsChain(
  _ environment: [String: String], file: String? = nil, profile: String? = nil, region: String = "eu-west-1",
  now: @escaping @Sendable () -> Moment = { Moment(milliseconds: 0) }
) -> AWSCredentialsChain {
  AWSCredentialsChain(
    environment: ["AWS_EC2_METADATA_DISABLED": "true"].merging(environment) { $1 }, file: file, profile: profile,
    region: region, now: now)
}

/// The keys that are found, or what is wrong.
private func found(_ chain: AWSCredentialsChain) async throws(CredentialsError) -> AWSCredentials {
  let source = try chain.source()
  let result: Result<AWSCredentials, CredentialsError>
  do throws(CredentialsError) { result = .success(try await source.current()) } catch { result = .failure(error) }
  await source.shutdown()
  return try result.get()
}

private func problem(_ chain: AWSCredentialsChain) async -> String {
  do throws(CredentialsError) { return "found \(try await found(chain))" } catch { return "\(error)" }
}

@Suite("AWS credentials") struct SendCredentialsTests {
  private let environment = ["AWS_ACCESS_KEY_ID": "AKIDENV", "AWS_SECRET_ACCESS_KEY": "env/secret"]

  private func keys(_ name: String, section: String = "default") -> String {
    "# keys\n[other]\naws_access_key_id = X\n\n[\(section)]\naws_access_key_id = \(name)\naws_secret_access_key=s\n"
      + "region = eu-west-1\ns3 =\n  max_concurrent_requests = 20\n"
  }

  @Test("the environment is enough, with or without a token")
  func fromEnvironment() async throws {
    #expect(
      try await found(credentialsChain(environment))
        == AWSCredentials(accessKeyID: "AKIDENV", secretAccessKey: "env/secret"))
    let temporary = try await found(credentialsChain(environment.merging(["AWS_SESSION_TOKEN": "tok+en=="]) { $1 }))
    #expect(temporary.sessionToken == "tok+en==")
  }

  @Test("a missing or impossible variable is named, its value is not")
  func wrongEnvironment() async {
    #expect(await problem(credentialsChain([:])).contains("AWS_ACCESS_KEY_ID is not set"))
    #expect(
      await problem(credentialsChain(["AWS_ACCESS_KEY_ID": "a"]))
        == "environment: AWS_ACCESS_KEY_ID is set, but not AWS_SECRET_ACCESS_KEY")
    let broken = await problem(
      credentialsChain(["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "very secret"]))
    #expect(broken.contains("AWS_SECRET_ACCESS_KEY"))
    #expect(!broken.contains("very"))
  }

  /// Everything that can be named is there; one after the other is taken away, and the next one counts.
  @Test("what is found first counts")
  func order() async throws {
    try await withTemporaryFolder { folder in
      func write(_ name: String, _ text: String) throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path
      }
      let systemd = try write("nudged.ses", keys("SYSTEMD"))
      let configured = try write("configured", keys("CONFIGURED"))
      _ = try write(".aws/credentials", keys("SHARED"))
      _ = try write(".aws/config", keys("CONFIG"))
      let token = try write("token", "abc")
      var environment = environment.merging(
        [
          "CREDENTIALS_DIRECTORY": folder.path, "HOME": folder.path, "AWS_WEB_IDENTITY_TOKEN_FILE": token,
          "AWS_ROLE_ARN": "arn:aws:iam::1:role/r", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/x",
          "AWS_EC2_METADATA_DISABLED": "false",
        ]) { $1 }
      var file: String? = configured
      func place() async throws -> String {
        let source = try credentialsChain(environment, file: file).source()
        await source.shutdown()
        return source.place
      }
      #expect(try await place() == systemd)
      try FileManager.default.removeItem(atPath: systemd)
      #expect(try await place() == configured)
      file = nil
      #expect(try await place() == "environment")
      environment["AWS_ACCESS_KEY_ID"] = nil
      environment["AWS_SECRET_ACCESS_KEY"] = ""
      #expect(try await place().hasPrefix("profile default in \(folder.path)/.aws/credentials and "))
      #expect(try await found(credentialsChain(environment)).accessKeyID == "SHARED")
      try FileManager.default.removeItem(at: folder.appending(path: ".aws/credentials"))
      #expect(try await found(credentialsChain(environment)).accessKeyID == "CONFIG")
      try FileManager.default.removeItem(at: folder.appending(path: ".aws/config"))
      #expect(try await place() == "STS at https://sts.eu-west-1.amazonaws.com")
      environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = nil
      #expect(try await place() == "the container credentials endpoint http://169.254.170.2/v2/x")
      environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = nil
      #expect(try await place() == "the instance metadata service at http://169.254.169.254")
    }
  }

  @Test("what is found first and wrong is an error, whatever comes behind it")
  func firstIsWrong() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "nudged.ses")
      try Data("nonsense".utf8).write(to: file)
      let all = environment.merging(["CREDENTIALS_DIRECTORY": folder.path]) { $1 }
      #expect(await problem(credentialsChain(all)).hasPrefix("\(file.path):1: is neither"))
    }
  }

  @Test(
    "a wrong file is refused with its line",
    arguments: [
      ("aws_access_key_id = a\n", ":1: aws_access_key_id stands before any [section]"),
      ("[default]\naws_access_key_id\n", ":2: is neither [section] nor name = value"),
      ("[default\n", ":1: the section's name has no end"),
      ("[default]\naws_access_key_id =\n", ":2: aws_access_key_id is empty"),
      ("[default]\naws_access_key_id = a\naws_access_key_id = b\n", ":3: aws_access_key_id is there a second time"),
      (
        "[default]\naws_access_key_id = a\naws_secret_access_key = s e\n", ":3: aws_secret_access_key holds a character"
      ),
      ("[default]\naws_access_key_id = a\n", ": no aws_secret_access_key in the section [default]"),
      (
        "[other]\naws_access_key_id = a\n[more]\n",
        ": no aws_access_key_id in the section [default]; its profiles are other, more"
      ),
      ("", ": no aws_access_key_id in the section [default]; no profile in it"),
      ("[default]\nrole_arn = x\n", ": [default] asks for keys with role_arn, which nudged does not do"),
    ])
  func wrongFile(text: String, expected: String) async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      try Data(text.utf8).write(to: file)
      #expect(await problem(credentialsChain(environment, file: file.path)).hasPrefix(file.path + expected))
    }
  }

  @Test("a configured file that cannot be read is an error, whatever the environment holds")
  func unreadable() async throws {
    #expect(await problem(credentialsChain(environment, file: "/nonexistent/file")).contains("No such file"))
    #expect(await problem(credentialsChain(environment, file: "/tmp")).contains("Is a directory"))
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      try Data(repeating: 10, count: 70_000).write(to: file)
      #expect(await problem(credentialsChain(environment, file: file.path)).contains("longer than"))
      try Data([0xff, 0xfe]).write(to: file)
      #expect(await problem(credentialsChain(environment, file: file.path)).contains("UTF-8"))
    }
  }

  @Test("a profile can be named in the configuration or the environment, and is found in either file of AWS's programs")
  func profiles() async throws {
    try await withTemporaryFolder { folder in
      let (credentials, config) = (folder.appending(path: "c"), folder.appending(path: "f"))
      try Data(keys("ONE", section: "one").utf8).write(to: credentials)
      try Data("[profile two]\naws_access_key_id = TWO\naws_secret_access_key = s\n[services x]\n".utf8).write(
        to: config)
      var environment = ["AWS_SHARED_CREDENTIALS_FILE": credentials.path, "AWS_CONFIG_FILE": config.path]
      #expect(try await found(credentialsChain(environment, profile: "one")).accessKeyID == "ONE")
      #expect(try await found(credentialsChain([:], file: credentials.path, profile: "one")).accessKeyID == "ONE")
      environment["AWS_PROFILE"] = "two"
      #expect(try await found(credentialsChain(environment)).accessKeyID == "TWO")
      #expect(try await found(credentialsChain(environment, profile: "one")).accessKeyID == "ONE")
      environment["AWS_PROFILE"] = "three"
      #expect(
        await problem(credentialsChain(environment))
          == "\(credentials.path), \(config.path): no profile three; those there are other, one, two")
      environment["AWS_PROFILE"] = nil
      #expect(await problem(credentialsChain(environment)).contains("AWS_ACCESS_KEY_ID is not set"), "no default there")
    }
    #expect(
      await problem(credentialsChain(["AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/file"])).contains("No such file"))
    #expect(await problem(credentialsChain([:], profile: "x")) == "environment: no profile x; there is none")
  }

  @Test(
    "a service that the environment names in a wrong way is an error",
    arguments: [
      (
        ["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null"],
        "environment: AWS_WEB_IDENTITY_TOKEN_FILE is set, but not AWS_ROLE"
      ),
      (["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null", "AWS_ROLE_ARN": "r"], "/dev/null: is empty"),
      (["AWS_WEB_IDENTITY_TOKEN_FILE": "/none", "AWS_ROLE_ARN": "r"], "/none: cannot open /none: No such file"),
      (
        ["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null", "AWS_ROLE_ARN": "r", "AWS_ENDPOINT_URL_STS": "sts"],
        "environment: AWS_ENDPOINT_URL_STS is not http"
      ),
      (
        ["AWS_WEB_IDENTITY_TOKEN_FILE": "/dev/null", "AWS_ROLE_ARN": "r", "AWS_ROLE_SESSION_NAME": "a b"],
        "environment: AWS_ROLE_SESSION_NAME is not"
      ),
      (
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "x"],
        "environment: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is no path"
      ),
      (
        ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://10.0.0.1/x"],
        "environment: AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor"
      ),
      (
        ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/x", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\nb"],
        "environment: AWS_CONTAINER_AUTHORIZATION_TOKEN holds a character"
      ),
      (
        ["AWS_EC2_METADATA_DISABLED": "no", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "x"],
        "environment: AWS_EC2_METADATA_SERVICE_ENDPOINT is not http"
      ),
    ] as [([String: String], String)])
  func wrongService(environment: [String: String], expected: String) async {
    #expect(await problem(credentialsChain(environment)).hasPrefix(expected))
  }

  @Test(
    "keys are asked of strangers over TLS only",
    arguments: [
      ("http://169.254.170.2/x", true), ("http://169.254.170.23/x", true), ("http://[fd00:ec2::23]/x", true),
      ("http://127.0.0.1:80/x", true), ("http://127.9.9.9/x", true), ("http://localhost/x", true),
      ("http://[::1]:1/x", true), ("https://keys.example/x", true), ("http://keys.example/x", false),
      ("http://127.0.0.1.example/x", false), ("http://169.254.169.254/x", false), ("http://10.0.0.1/x", false),
      ("http://localhost@evil.example/x", false), ("ftp://localhost/x", false), ("x", false), ("http:///x", false),
    ])
  func trust(url: String, isTrusted: Bool) {
    #expect(ContainerCredentials.isTrusted(url) == isTrusted)
  }

  @Test("STS answers elsewhere in China, and the metadata service at another address over IPv6")
  func addresses() async throws {
    try await withTemporaryFolder { folder in
      let token = folder.appending(path: "token")
      try Data("abc\n".utf8).write(to: token)
      let web = ["AWS_WEB_IDENTITY_TOKEN_FILE": token.path, "AWS_ROLE_ARN": "r"]
      let china = try credentialsChain(web, region: "cn-north-1").source()
      #expect(china.place == "STS at https://sts.cn-north-1.amazonaws.com.cn")
      await china.shutdown()
    }
    let environment = ["AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE": "IPv6"]
    let instance = try credentialsChain(environment).source()
    #expect(instance.place == "the instance metadata service at http://[fd00:ec2::254]")
    await instance.shutdown()
  }

  @Test("files are read again when they have changed: wrong, right again, and with other keys")
  func changes() async throws {
    try await withTemporaryFolder { folder in
      let file = folder.appending(path: "credentials")
      try Data(keys("ONE").utf8).write(to: file)
      let source = try credentialsChain([:], file: file.path).source()
      #expect(try await source.current().accessKeyID == "ONE")
      try Data(keys("LONGER").utf8).write(to: file)
      #expect(try await source.current().accessKeyID == "LONGER")
      try Data("[default]\n".utf8).write(to: file)
      let error = await #expect(throws: CredentialsError.self) { try await source.current() }
      #expect(error?.problem == "no aws_access_key_id in the section [default]")
      try FileManager.default.removeItem(at: file)
      await #expect(throws: CredentialsError.self) { try await source.current() }
      try Data(keys("TWO").utf8).write(to: file, options: .atomic)
      let used = try await source.current()
      #expect(used.accessKeyID == "TWO")
      #expect(await source.renew(used)?.problem == "has no others yet; it is read again when it changes")
      try Data(keys("NEW").utf8).write(to: file)
      #expect(await source.renew(used) == nil)
    }
  }

  @Test("no description shows a secret")
  func descriptions() {
    let credentials = AWSCredentials(accessKeyID: "AKID", secretAccessKey: "topsecret", sessionToken: "tokensecret")
    var dumped = ""
    dump(credentials, to: &dumped)
    dump([credentials], to: &dumped)
    dump(FixedCredentials(credentials, from: "here"), to: &dumped)
    for text in ["\(credentials)", String(reflecting: credentials), "\([credentials])", dumped] {
      #expect(!text.contains("secret"))
    }
  }
}
