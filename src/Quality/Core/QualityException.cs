using DataPlatform.Kernel;

namespace DataPlatform.Quality;

/// <summary>The quality engine could not do what was asked, for a reason other than the data it looked at.</summary>
/// <param name="kind">What the caller can do.</param>
/// <param name="message">What went wrong and the remedy.</param>
/// <param name="innerException">The cause, where there is one.</param>
public class QualityException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException);
