import FakeServices
import SessionProtocol
import Testing

extension Stytch {
    @Suite("sessionctl and the documents with Stytch", .timeLimit(.minutes(1)))
    struct CommandTests {
        private static func sessionctl(_ words: String..., for daemon: DaemonProcess) throws -> TerminalCommand {
            var environment = DaemonProcess.environment
            environment["SESSIOND_SOCKET"] = daemon.socket
            return try TerminalCommand([BuildFolder.sessionctl] + words, environment: environment)
        }

        @Test("login by a code: a wrong one may be typed again")
        func code() async throws {
            let site = try await StytchSite()
            let daemon = try await site.daemon()
            let program = try Self.sessionctl("login", "--method", "otp", "--username", StytchSite.email, for: daemon)
            var screen = try await program.screen.text(through: "Code: ")
            #expect(screen.contains("a***@example.org"))
            program.type("000000")
            screen += try await program.screen.text(through: "Code: ")
            #expect(screen.contains("Not accepted"))
            program.type(try #require(site.fake.code(to: StytchSite.email)))
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            #expect(screen.contains("Signed in"), "\(screen)")
            #expect(site.fake.sessions.count == 1)
        }

        @Test("login by discovery: code, organization, and a second factor by text message")
        func discovery() async throws {
            let site = try await StytchSite(.b2b)
            let phone = "+15005550006"
            for (name, slug) in [("Acme", "acme"), ("Bank", "bank")] {
                let organization = site.fake.addOrganization(name: name, slug: slug, requiresMFA: true)
                site.fake.addMember(of: organization, email: StytchSite.email, phone: phone)
            }
            let daemon = try await site.daemon()
            let program = try Self.sessionctl(
                "login", "--method", "discovery", "--username", StytchSite.email, "--duration", "60m", for: daemon)
            _ = try await program.screen.text(through: "Code: ")
            program.type(try #require(site.fake.code(to: StytchSite.email)))
            var screen = try await program.screen.text(through: "Organization: ")
            #expect(screen.contains("Acme") && screen.contains("Bank"), "\(screen)")
            program.type("2")
            screen += try await program.screen.text(through: "Code: ")
            program.type(try #require(site.fake.code(to: phone)))
            screen += try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            let snapshot = try await daemon.connect().call("session.get")
            #expect(snapshot["objects"]?["organization"]?["value"]?["organization_slug"] == "bank")
            #expect(snapshot["phase"] == "active")
        }

        @Test("a member without a phone number is asked for one")
        func enrolment() async throws {
            let site = try await StytchSite(.b2b)
            let organization = site.fake.addOrganization(requiresMFA: true)
            site.fake.set("mfa_methods", to: "RESTRICTED", of: organization)
            site.fake.set("allowed_mfa_methods", to: ["sms_otp"], of: organization)
            site.fake.addMember(of: organization, email: StytchSite.email, password: StytchSite.password)
            let daemon = try await site.daemon()
            let program = try Self.sessionctl(
                "login", "--method", "password", "--username", StytchSite.email, "--field", "organizationId=acme",
                for: daemon)
            _ = try await program.screen.text(through: "Password: ")
            program.type(StytchSite.password)
            _ = try await program.screen.text(through: "phoneNumber: ")
            program.type("+15005550006")
            _ = try await program.screen.text(through: "Code: ")
            program.type(try #require(site.fake.code(to: "+15005550006")))
            let screen = try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
        }

        @Test("switch-organization asks for a second factor; wrong codes leave it open for login --continue")
        func switching() async throws {
            let site = try await StytchSite(.b2b)
            let acme = site.fake.addOrganization()
            let bank = site.fake.addOrganization(name: "Bank", slug: "bank", requiresMFA: true)
            site.fake.addMember(of: acme, email: StytchSite.email, password: StytchSite.password)
            let member = site.fake.addMember(
                of: bank, email: StytchSite.email, totp: true, recoveryCodes: ["back-up-1"])
            let daemon = try await site.daemon(interval: "180s")
            let connection = try daemon.connect()
            try await connection.call(
                "session.signIn",
                [
                    "method": "password", "organizationId": .string(acme), "email": .string(StytchSite.email),
                    "password": .string(StytchSite.password),
                ])
            let given = try Self.sessionctl("switch-organization", "bank", for: daemon)
            for _ in 0..<3 {
                _ = try await given.screen.text(through: "Method: ")
                given.type("totp")
                _ = try await given.screen.text(through: "Code: ")
                given.type("000000")
            }
            #expect(try await given.screen.rest().contains("unable_to_auth_totp_code"))
            #expect(try await given.process.exit() == .status(1))
            let kept = try await connection.call("session.get")
            #expect(kept["objects"]?["organization"]?["value"]?["organization_slug"] == "acme")
            #expect(kept["phase"] == "active" && kept["challenge"]?["kind"] == "mfa")
            // The challenge stands open for whoever goes on with it.
            let program = try Self.sessionctl("login", "--continue", for: daemon)
            _ = try await program.screen.text(through: "Method: ")
            program.type("2")
            _ = try await program.screen.text(through: "Code: ")
            program.type("back-up-1")
            let screen = try await program.screen.rest()
            #expect(try await program.process.exit() == .status(0), "\(screen)")
            let moved = try await connection.call("session.get")
            #expect(moved["objects"]?["member"]?["value"]?["member_id"] == .string(member))
        }

        @Test("--check-config accepts every example of the provider's page, for both products")
        func examples() async throws {
            let root = #filePath.split(separator: "/").dropLast(4).map { "/" + $0 }.joined()
            let page = try Files.text(root + "/docs/providers/stytch.md")
            let examples = Self.yaml(in: page)
            #expect(examples.count >= 2)
            for example in examples {
                for text in [example, example.replacing("provider: stytch\n", with: "provider: stytch-b2b\n")] {
                    let folder = try TemporaryFolder()
                    try folder.write(text, to: "sessiond.yaml")
                    let outcome = try await Command(
                        BuildFolder.sessiond, "--check-config", "--config", folder.path + "/sessiond.yaml"
                    ).run()
                    #expect(outcome.status == .status(0), "\(text)\n\(outcome.output)")
                }
            }
        }

        /// The fenced YAML of a Markdown text, without the indentation of its fence.
        private static func yaml(in page: String) -> [String] {
            var blocks: [String] = []
            var open: (indentation: Int, lines: [Substring])?
            for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
                let indentation = line.prefix { $0 == " " }.count
                let word = line.dropFirst(indentation)
                if word == "```yaml" {
                    open = (indentation, [])
                } else if word == "```", let block = open {
                    blocks.append(block.lines.joined(separator: "\n") + "\n")
                    open = nil
                } else if let block = open {
                    open?.lines.append(line.dropFirst(min(block.indentation, indentation)))
                }
            }
            return blocks
        }
    }
}
