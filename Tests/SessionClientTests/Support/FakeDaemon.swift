import CLinux
import Foundation
import Glibc
import SessionProtocol
import Synchronization

@testable import SessionClient

/// A daemon on a real socket that does what a test tells it: by itself it serves one profile's state and watches.
final class FakeDaemon: Sendable {
    typealias Handler = @Sendable (FakeRequest) -> Void

    struct Model: Sendable {
        var state = Samples.snapshot()
        var subscriptions: [(name: String, connection: FakeConnection)] = []
        var connections: [FakeConnection] = []
        var handlers: [String: Handler] = [:]
        var listener: Int32 = -1
        var opened = 0
        /// For connections to come: bytes after which each is cut.
        var budgets: [Int] = []
    }

    let folder: String
    let path: String
    /// Every request in the order of its coming.
    let requests: AsyncStream<FakeRequest>
    private let inbox: AsyncStream<FakeRequest>.Continuation
    let model = Mutex(Model())

    init() throws {
        var template = Array("/tmp/sessiond-client-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble.system(errno) }
        folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        path = folder + "/sessiond.sock"
        (requests, inbox) = AsyncStream.makeStream()
        try listen()
    }

    deinit {
        stop()
        rmdir(folder)
    }

    enum Trouble: Error { case system(Int32) }

    // MARK: Scripts

    /// Answers a method in place of the daemon's own way.
    func on(_ method: String, _ handler: @escaping Handler) { model.withLock { $0.handlers[method] = handler } }

    /// Changes the state, and tells the watchers.
    func publish(_ change: @Sendable (inout Snapshot) -> Void) {
        model.withLock { model in
            change(&model.state)
            model.state.revision += 1
            for subscription in model.subscriptions { tell(subscription, model.state) }
        }
    }

    /// Changes the state, and tells nobody: what a watcher misses while it is away.
    func changeSilently(_ change: @Sendable (inout Snapshot) -> Void) {
        model.withLock { model in
            change(&model.state)
            model.state.revision += 1
        }
    }

    /// Tells every watcher the present state again.
    func repeatState() {
        model.withLock { model in for subscription in model.subscriptions { tell(subscription, model.state) } }
    }

    func closeSubscriptions(reason: String) {
        model.withLock { model in
            for (name, connection) in model.subscriptions {
                connection.send([
                    "jsonrpc": "2.0", "method": "subscription.closed",
                    "params": ["subscription": .string(name), "reason": .string(reason)],
                ])
            }
            model.subscriptions = []
        }
    }

    /// Cuts every connection after that many bytes more.
    func cutAll(after bytes: Int) {
        model.withLock { for connection in $0.connections { connection.cut(after: bytes) } }
    }

    /// Cuts the next connection that is taken after that many bytes.
    func budget(_ bytes: Int) { model.withLock { $0.budgets.append(bytes) } }

    /// Ends all connections; new ones are taken.
    func dropAll() {
        model.withLock { model in
            model.subscriptions = []
            for connection in model.connections { connection.drop() }
            model.connections = []
        }
    }

    /// Ends all connections and the socket.
    func stop() {
        model.withLock { model in
            if model.listener >= 0 { shutdown(model.listener, Int32(SHUT_RDWR)) }
            model.listener = -1
        }
        unlink(path)
        dropAll()
    }

    /// Comes back as another process.
    func restart() throws {
        stop()
        model.withLock { $0.state.instance += "+" }
        try listen()
    }

    private func tell(_ subscription: (name: String, connection: FakeConnection), _ state: Snapshot) {
        subscription.connection.send(Samples.changed(subscription.name, state))
    }

    // MARK: Serving

    private func listen() throws {
        let descriptor = cl_unix_stream_socket()
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout.size(ofValue: address))
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard bound == 0, Glibc.listen(descriptor, 128) == 0 else { throw Trouble.system(errno) }
        model.withLock { $0.listener = descriptor }
        Thread.detachNewThread { [weak self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0, let self else { break }
                take(client, from: descriptor)
            }
            close(descriptor)
        }
    }

    private func take(_ descriptor: Int32, from listener: Int32) {
        let taken: FakeConnection? = model.withLock { model in
            // Stopped between accept and here.
            guard model.listener == listener else { return nil }
            let budget = model.budgets.isEmpty ? nil : model.budgets.removeFirst()
            let connection = FakeConnection(descriptor: descriptor, budget: budget)
            model.connections.append(connection)
            model.opened += 1
            return connection
        }
        guard let connection = taken else {
            close(descriptor)
            return
        }
        Thread.detachNewThread { [weak self] in
            connection.serve { json in self?.serve(json, connection) }
            self?.model.withLock { model in
                model.connections.removeAll { $0 === connection }
                model.subscriptions.removeAll { $0.connection === connection }
            }
        }
    }

    private func serve(_ json: JSONValue, _ connection: FakeConnection) {
        let request = FakeRequest(
            id: json["id"], method: json["method"]?.stringValue ?? "", params: json["params"]?.objectValue ?? [:],
            connection: connection)
        let handler = model.withLock { $0.handlers[request.method] }
        // Carried out before the test hears of it, so that what the test does next comes after it.
        if let handler { handler(request) } else { serveOwn(request) }
        inbox.yield(request)
    }

    /// What the daemon does where no script says otherwise.
    func serveOwn(_ request: FakeRequest) {
        switch request.method {
        case "server.ping": request.answer(.object(request.params))
        case "session.get": request.answer(model.withLock { $0.state.json })
        case "session.watch": watch(request)
        case "session.unwatch":
            model.withLock { model in
                model.subscriptions.removeAll { JSONValue.string($0.name) == request.params["subscription"] }
            }
            request.answer([:])
        case "server.cancel": break
        default: request.fail(-32601, "methodNotFound")
        }
    }

    private func watch(_ request: FakeRequest) {
        model.withLock { model in
            let name = "s\(model.opened).\(model.subscriptions.count).\(model.state.revision)"
            model.subscriptions.append((name, request.connection))
            let since = request.params["since"]
            let isCurrent =
                since?["instance"]?.stringValue == model.state.instance
                && since?["revision"]?.integerValue == model.state.revision
            var result: [String: JSONValue] = ["subscription": .string(name), "resumed": .bool(isCurrent)]
            if !isCurrent { result["state"] = model.state.json }
            request.answer(.object(result))
        }
    }
}

extension FakeDaemon {
    /// Whether a client is connected.
    var isConnected: Bool { model.withLock { !$0.connections.isEmpty } }

    /// Connections that were taken so far.
    var opened: Int { model.withLock { $0.opened } }

    /// A client of this daemon, which comes back fast.
    func client() async throws -> SessionClient {
        try await SessionClient.connect(to: [path], trust: .kernel, firstWait: 2)
    }

    /// The next request of that method, others passed over.
    func next(_ method: String) async -> FakeRequest? {
        for await request in requests where request.method == method { return request }
        return nil
    }
}
