namespace DataPlatform.Kernel.Storage;

/// <summary>An object store could not do what was asked.</summary>
/// <param name="kind">What the caller can do.</param>
/// <param name="path">The object concerned.</param>
/// <param name="message">What went wrong and the remedy.</param>
/// <param name="innerException">The cause.</param>
public sealed class StorageException(ErrorKind kind, string path, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException)
{
    /// <summary>The object concerned, as the caller named it.</summary>
    public string Path { get; } = path;

    internal static StorageException NotFound(string path, string store)
        => new(ErrorKind.Invalid, path, $"'{path}' is not in {store}: it was never written, or something removed it.");
}
