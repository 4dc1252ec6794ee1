using DataPlatform.Streaming;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>Row rules inside a stream job.</summary>
public static class RowChecks
{
    /// <summary>
    /// Judges each record by a gate. The check holds no state: what goes on and what is set aside are exactly-once as the job's own output is, and with
    /// sinks that commit by checkpoint no record is in both or in neither.
    /// </summary>
    /// <typeparam name="T">The records.</typeparam>
    /// <param name="stream">The stream.</param>
    /// <param name="gate">The rules.</param>
    /// <param name="name">The check's name in the job, unique in it; side outputs and windows are named after it.</param>
    /// <param name="mode">What becomes of a record that broke rules.</param>
    public static CheckedStream<T> Check<T>(this DataStream<T> stream, RowGate<T> gate, string name = "row-check", FailureMode mode = FailureMode.SetAside)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var failed = new OutputTag<FailedRow<T>>($"{name}-failed");
        var outcomes = new OutputTag<RowOutcome>($"{name}-outcomes");
        var passed = stream.Process<T>(name, name, () => new RowCheckFunction<T>(gate, mode, failed, outcomes));
        return new CheckedStream<T>(passed, failed, outcomes, name);
    }
}
