import Glibc
import ManualPages

// manual-pages FOLDER : writes every manual page into the folder.

/// Replaces the file's content.
func write(_ text: String, to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    let isWritten = fputs(text, file) >= 0
    return fclose(file) == 0 && isWritten
}

guard CommandLine.arguments.count == 2 else {
    fputs("usage: manual-pages FOLDER\n", stderr)
    exit(64)
}
do {
    for page in try ManualPage.all() {
        let path = "\(CommandLine.arguments[1])/\(page.fileName)"
        guard write(page.text, to: path) else {
            perror(path)
            exit(1)
        }
    }
} catch {
    fputs("manual-pages: \(error)\n", stderr)
    exit(1)
}
