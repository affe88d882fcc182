/// Why a text is refused. Of several faults it is the first from left to right.
public enum JSONParseError: Error, Sendable, Hashable {
    /// No JSON (RFC 8259) or no UTF-8, from this byte on (counted from 0; the number of bytes where the end came early).
    case notJSON(position: Int)
    /// An object has the same member twice, escapes resolved. The position is that of the second name.
    case duplicateKey(position: Int)
    /// Objects and arrays are nested deeper than this.
    case tooDeep(limit: Int)
    /// The text holds more values than this, containers included, member names not.
    case tooManyValues(limit: Int)
    /// A string has more combining marks in a row than this; the position is that of its opening quote.
    case tooManyMarks(limit: Int, position: Int)
    /// An integer beyond ±(2^53−1) or a number beyond a double's range, where the reader wants neither.
    case numberOutOfRange(position: Int)
}
