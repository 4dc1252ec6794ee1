using DataPlatform.Kernel;

namespace DataPlatform.Lakehouse;

/// <summary>A Delta table could not be read or changed as asked.</summary>
/// <remarks>
/// Branch on <see cref="DataPlatformException.Kind"/>: <c>Invalid</c> (not a table, a schema mismatch, an unsupported feature),
/// <c>Conflict</c> (another writer changed what this one read), <c>Corrupt</c> (a damaged log, checkpoint or data file).
/// </remarks>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong, naming the thing and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class DeltaException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException)
{
    internal static DeltaException Invalid(string message) => new(ErrorKind.Invalid, message);

    internal static DeltaException Conflict(string message) => new(ErrorKind.Conflict, message);

    internal static DeltaException Corrupt(string file, string reason, Exception? cause = null)
        => new(ErrorKind.Corrupt, $"'{file}' is damaged: {reason}", cause);

    internal static DeltaException CorruptLine(string file, int line, string reason, Exception? cause = null)
        => new(ErrorKind.Corrupt,
            $"'{file}' line {line} is damaged: {reason}. Restore the file or repair the table; nothing was read past it.", cause);
}
