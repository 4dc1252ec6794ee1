using Microsoft.Extensions.Logging;

namespace DataPlatform.Orchestrator.Diagnostics;

/// <summary>A logger whose providers may throw, as those of a full disk do: the loop goes on without the line. Thread-safe.</summary>
internal sealed class GuardedLogger(ILogger inner) : ILogger
{
    private long _lost;

    /// <summary>Lines that no provider took.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
#pragma warning disable CA1031 // There is nowhere left to say it; the count is kept.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _lost);
            return false;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
#pragma warning disable CA1031 // There is nowhere left to say it; the count is kept.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _lost);
        }
    }
}
