import SessionCore

extension FieldReader {
    /// `{credential: NAME}`, `{file: PATH}` or the text itself. Problems with it never show the text.
    mutating func secret(_ field: Field) -> SecretSource? {
        if case .mapping = field.node.value {
            switch location(field) {
            case .credential(let name): return .credential(name)
            case .file(let path):
                if let concern = secretFiles.concern(path) { warn(field, concern.message, remedy: concern.remedy) }
                return .file(path)
            case nil: return nil
            }
        }
        guard let secret = Secret(text(field, example: "{credential: NAME}")) else { return nil }
        if isReadableByOthers {
            warn(
                field, "a secret in a file that other users may read",
                remedy: "write {credential: NAME} or {file: PATH} instead, or chmod o-r this file")
        }
        return .literal(secret)
    }

    /// Exactly one of `credential` and `file`.
    mutating func location(_ field: Field) -> KeyLocation? {
        let example = "{credential: NAME} or {file: /path}"
        guard case .mapping = field.node.value else {
            report(field, "expected the place of a key, not the key itself", remedy: "write it like \(example)")
            return nil
        }
        guard let section = section(field, keys: ConfigurationSection.location.names) else { return nil }
        switch (section["credential"], section["file"]) {
        case (let credential?, nil): return credentialName(credential).map(KeyLocation.credential)
        case (nil, let file?): return path(file, example: "/etc/sessiond/key").map(KeyLocation.file)
        case (_?, let file?):
            report(file, "both a credential and a file", remedy: "keep one of them")
        // What else is written there was reported as unknown.
        case (nil, nil) where section.hasUnknownKeys: break
        case (nil, nil):
            report(field, "names neither a credential nor a file", remedy: "write it like \(example)")
        }
        return nil
    }

    /// A credential is a file's name in the credentials directory and must not lead out of it.
    private mutating func credentialName(_ field: Field) -> String? {
        guard let name = text(field, example: "sessiond.master-key") else { return nil }
        guard name.utf8.count <= 255, isPlainName(name) else {
            report(
                field, "not the name of a credential",
                remedy: "write letters, digits, dots, dashes and underscores, without a dot in front")
            return nil
        }
        return name
    }
}

/// Whether a name is made of `A-Za-z0-9._-` and does not start with a dot, so that it is safe as a file's name.
func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".")
        && name.unicodeScalars.allSatisfy { scalar in
            ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "._-".unicodeScalars.contains(scalar)
        }
}

/// Whether a profile may have that name: it names its sealed file, too.
func isProfileName(_ name: String) -> Bool { isPlainName(name) && name.utf8.count <= 64 }
