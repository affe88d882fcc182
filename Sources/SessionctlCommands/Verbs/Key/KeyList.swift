import ArgumentParser
import SessionProtocol
import SessionVault

struct KeyList: LocalVerb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the keys at hand, which record is sealed under which, and what to do next.",
        discussion: "Shows ids, never a key. Exits with 1 where a record's key is missing or a place cannot be read.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var options: KeyOptions

    func run(in setting: LocalSetting) throws(CommandFailure) -> ExitStatus {
        let places = try KeyPlaces.find(options, in: setting)
        let inventory = try KeyInventory.take(places, setting.programs)
        try setting.console.write(
            global.json
                ? Self.json(inventory, places).line : Self.text(inventory, setting.style(global)))
        return inventory.locked.isEmpty && inventory.holdings.allSatisfy { $0.failure == nil } ? .done : .failed
    }

    private static func json(_ inventory: KeyInventory, _ places: KeyPlaces) -> JSONValue {
        let keys: [JSONValue] = inventory.holdings.flatMap { holding in
            holding.ids.map { id in
                [
                    "id": .string(id), "place": .string(holding.place.rawValue), "path": .string(holding.path),
                    "current": .bool(id == inventory.current), "files": .integer(Int64(inventory.files(under: id))),
                    "needed": .bool(id == inventory.current || inventory.isNeeded(id)),
                ]
            }
        }
        let records: [JSONValue] = inventory.survey.entries.map { entry in
            var members: [String: JSONValue] = ["file": .string(entry.file), "setAside": .bool(entry.isSetAside)]
            switch entry.contents {
            case .sealed(let profile, let provider, let generation, let key):
                members["profile"] = .string(profile)
                members["provider"] = .string(provider)
                members["generation"] = Int64(exactly: generation).map(JSONValue.integer)
                members["key"] = .string(key)
                members["keyMissing"] = .bool(!inventory.known.contains(key))
            case .unreadable(let why): members["unreadable"] = .string(why)
            }
            return .object(members)
        }
        var members: [String: JSONValue] = [
            "stateDirectory": .string(places.stateDirectory), "keys": .array(keys), "records": .array(records),
        ]
        let problems = inventory.holdings.compactMap(\.failure).map { JSONValue.string($0.message) }
        if !problems.isEmpty { members["problems"] = .array(problems) }
        if let key = inventory.survey.sealsUnder { members["daemonSealsUnder"] = .string(key) }
        if let next = inventory.next { members["next"] = .string(next) }
        return .object(members)
    }

    private static func text(_ inventory: KeyInventory, _ style: Style) -> String {
        var text = ""
        var keys = Table([.init("KEY"), .init("STATE"), .init("FILES"), .init("PLACE", mayBeCut: true)])
        for holding in inventory.holdings {
            for id in holding.ids {
                let isCurrent = id == inventory.current
                let state = isCurrent ? "current" : inventory.isNeeded(id) ? "older" : "not needed"
                keys.add([
                    .init(id), .init(state, isCurrent ? .green : .dim), .init("\(inventory.files(under: id))"),
                    .init("\(holding.place.words) \(holding.path)"),
                ])
            }
            if let failure = holding.failure {
                keys.add([.init("?"), .init("unreadable", .red), .init(""), .init(failure.message)])
            }
        }
        text += inventory.holdings.isEmpty ? "no key\n" : keys.rendered(style)
        if !inventory.survey.entries.isEmpty {
            var records = Table([.init("RECORD"), .init("KEY"), .init("STATE", mayBeCut: true)])
            for entry in inventory.survey.entries { records.add(row(entry, inventory)) }
            text += "\n" + records.rendered(style)
        }
        if let next = inventory.next { text += "\nnext: \(Printable.escape(next))\n" }
        return text
    }

    private static func row(_ entry: RecordSurvey.Entry, _ inventory: KeyInventory) -> [Table.Cell] {
        let setAside = entry.isSetAside ? "set aside" : ""
        switch entry.contents {
        case .sealed(_, _, _, let key):
            guard inventory.known.contains(key) else {
                return [.init(entry.file), .init(key, .red), .init("its key is missing", .red)]
            }
            return [.init(entry.file), .init(key), .init(setAside)]
        case .unreadable(let why): return [.init(entry.file), .init("?"), .init(why, .red)]
        }
    }
}

extension KeyHolding.Place {
    var words: String {
        switch self {
        case .credential: "credential"
        case .file: "key file"
        case .stateDirectory: "state directory"
        }
    }
}
