using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler;

/// <summary>The scheduler could not do what was asked.</summary>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong, naming the queue, request or node, and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class SchedulerException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException)
{
    internal static SchedulerException Invalid(string message) => new(ErrorKind.Invalid, message);

    internal static SchedulerException Unavailable(string message) => new(ErrorKind.Unavailable, message);
}
