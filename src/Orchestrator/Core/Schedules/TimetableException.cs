using DataPlatform.Kernel;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>A timetable that cannot be read.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">The cause, where there is one.</param>
public sealed class TimetableException(string message, Exception? innerException = null)
    : DataPlatformException(ErrorKind.Invalid, message, innerException);
