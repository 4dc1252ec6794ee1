namespace DataPlatform.Streaming.Runtime;

/// <summary>Processing time for the operators of one subtask; callbacks run on its mailbox.</summary>
internal interface ITimerService
{
    /// <summary>Now by the job's clock, milliseconds since 1970-01-01 UTC.</summary>
    long NowMs { get; }

    /// <summary>Calls back once, at or after a time.</summary>
    void Register(long atMs, Action<long> callback);
}
