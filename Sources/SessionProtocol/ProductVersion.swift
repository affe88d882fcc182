/// The version of daemon, library and tool, which are released together (CHANGELOG.md).
package enum ProductVersion {
    package static let current = "0.1.0"
}
