namespace DataPlatform.Kernel;

/// <summary>The base of every error an engine raises for a reason other than a wrong argument.</summary>
/// <remarks>Branch on <see cref="Kind"/>; the message is for people and may change between versions.</remarks>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong, naming the thing and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public abstract class DataPlatformException(ErrorKind kind, string message, Exception? innerException = null)
    : Exception(message, innerException)
{
    /// <summary>What the caller can do about it.</summary>
    public ErrorKind Kind { get; } = kind;
}
