using DataPlatform.Kernel;

namespace DataPlatform.Tools.Cli;

/// <summary>What a command itself could not do.</summary>
internal sealed class CommandException(ErrorKind kind, string message, Exception? innerException = null)
    : DataPlatformException(kind, message, innerException);
