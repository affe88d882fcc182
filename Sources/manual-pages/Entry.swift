import FoundationEssentials
import ManualPages

/// `manual-pages FOLDER` writes every manual page into the folder.
@main
enum Entry {
    struct Misuse: Error, CustomStringConvertible {
        let description = "usage: manual-pages FOLDER"
    }

    static func main() throws {
        guard CommandLine.arguments.count == 2 else { throw Misuse() }
        for page in try ManualPage.all() {
            try page.text.write(
                toFile: "\(CommandLine.arguments[1])/\(page.fileName)", atomically: true, encoding: .utf8)
        }
    }
}
