// swift-tools-version: 6.2
import PackageDescription

// Reads from the bottom of the architecture to its top; docs/architecture.md says why each target exists.

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")

let package = Package(
    name: "sessiond",
    products: [
        .executable(name: "sessiond", targets: ["sessiond"]),
        .executable(name: "sessionctl", targets: ["sessionctl"]),
        .library(name: "SessionClient", targets: ["SessionClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        .target(name: "CLinux"),
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .systemLibrary(name: "CYaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .target(name: "SessionProtocol", swiftSettings: strict),
        .target(name: "SessionCore", dependencies: ["SessionProtocol", "CLinux", logging], swiftSettings: strict),
        .target(name: "SessionVault", dependencies: ["SessionCore", "CLinux", crypto], swiftSettings: strict),
        .target(
            name: "SessionProviders",
            dependencies: [
                "SessionCore", "SessionProtocol", "CLinux", "CSQLite", asyncHTTPClient, crypto, cryptoExtras, jwtKit,
                logging,
                nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict),
        .target(
            name: "SessionServer",
            dependencies: ["SessionCore", "SessionProtocol", "CLinux", logging], swiftSettings: strict),
        .target(name: "Systemd", dependencies: ["CSystemd", "CLinux"], swiftSettings: strict),
        // Apart from the daemon because tests cannot import an executable: the two below have it as their only user.
        .target(
            name: "DaemonProcess", dependencies: ["SessionCore", "SessionProtocol", "CLinux", logging],
            swiftSettings: strict),
        .target(
            name: "DaemonConfiguration",
            dependencies: ["DaemonProcess", "SessionCore", "SessionProtocol", "CLinux", "CYaml", logging],
            swiftSettings: strict),
        .executableTarget(
            name: "sessiond",
            dependencies: [
                "SessionProtocol", "SessionCore", "SessionVault", "SessionProviders", "SessionServer", "Systemd",
                "DaemonConfiguration", "DaemonProcess", "CLinux", logging,
            ],
            swiftSettings: strict),
        .target(name: "SessionClient", dependencies: ["SessionProtocol", "CLinux"], swiftSettings: strict),
        .target(
            name: "SessionctlCommands",
            dependencies: ["SessionClient", "SessionProtocol", "SessionVault", "CLinux", argumentParser],
            swiftSettings: strict),
        .executableTarget(name: "sessionctl", dependencies: ["SessionctlCommands"], swiftSettings: strict),
        // Not shipped: what `make man` runs.
        .target(
            name: "ManualPages",
            dependencies: ["DaemonConfiguration", "DaemonProcess", "SessionProtocol", "SessionctlCommands"],
            swiftSettings: strict),
        .executableTarget(name: "manual-pages", dependencies: ["ManualPages"], swiftSettings: strict),
        .testTarget(
            name: "ManualPagesTests",
            dependencies: ["ManualPages", "DaemonConfiguration", "SessionProtocol", "SessionctlCommands"],
            swiftSettings: strict),
        .testTarget(
            name: "SessionctlTests",
            dependencies: ["SessionctlCommands", "SessionClient", "SessionProtocol", argumentParser],
            swiftSettings: strict),
        .target(
            name: "SessionTesting", dependencies: ["SessionCore", "SessionProtocol", logging],
            path: "Tests/SessionTesting", swiftSettings: strict),
        .target(
            name: "FakeServices",
            dependencies: ["SessionProtocol", crypto, cryptoExtras, jwtKit, nioCore, nioHTTP1, nioPosix, nioSSL],
            path: "Tests/FakeServices", exclude: ["TLS/make-certificates.sh"], swiftSettings: strict),
        .testTarget(
            name: "SessionCoreTests", dependencies: ["SessionCore", "SessionProtocol", "SessionTesting", logging],
            swiftSettings: strict),
        .target(
            name: "WireVectors", dependencies: ["SessionProtocol"], path: "Tests/Vectors",
            exclude: ["wire-vectors.json"], swiftSettings: strict),
        .testTarget(
            name: "SessionProtocolTests", dependencies: ["SessionProtocol", "WireVectors"], swiftSettings: strict),
        .testTarget(name: "SystemdTests", dependencies: ["Systemd", "CTestProcess"], swiftSettings: strict),
        .testTarget(
            name: "DaemonProcessTests",
            dependencies: [
                "DaemonProcess", "SessionCore", "SessionProtocol", "SessionServer", "SessionTesting", logging,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["DaemonConfiguration", "DaemonProcess", "SessionCore", "SessionProtocol", logging],
            swiftSettings: strict),
        .testTarget(
            name: "SessionVaultTests", dependencies: ["SessionVault", "SessionCore", "CLinux", crypto],
            swiftSettings: strict),
        .testTarget(
            name: "SessionProvidersTests",
            dependencies: [
                "SessionProviders", "SessionCore", "SessionProtocol", "SessionTesting", "DaemonProcess", "FakeServices",
                asyncHTTPClient, crypto, cryptoExtras, jwtKit, logging, nioCore, nioHTTP1, nioPosix, nioSSL,
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "session-watch", dependencies: ["SessionClient"], path: "Examples/session-watch",
            swiftSettings: strict),
        // Not shipped: what `make bench` measures the library with.
        .executableTarget(
            name: "client-bench", dependencies: ["SessionClient"], path: "Tests/Bench/client", swiftSettings: strict),
        .testTarget(
            name: "SessionClientTests",
            dependencies: ["SessionClient", "SessionProtocol", "CLinux", "session-watch"], swiftSettings: strict),
        .testTarget(
            name: "SessionServerTests",
            dependencies: ["SessionServer", "SessionCore", "SessionProtocol", "CLinux", logging],
            swiftSettings: strict),
        .target(name: "CTestProcess", path: "Tests/CTestProcess"),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "SessionClient", "SessionProtocol", "WireVectors", "CTestProcess", "FakeServices", "sessiond",
                "sessionctl", "session-watch", crypto, nioCore,
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
