using DataPlatform.Kernel;
using DataPlatform.Orchestrator.Dags;
using DataPlatform.Orchestrator.Logs;
using DataPlatform.Orchestrator.Runs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DataPlatform.Orchestrator.Execution;

/// <summary>Runs tries in a process beside the scheduler: with the code of the DAGs it is given, and commands of any DAG.</summary>
/// <remarks>Thread-safe. It knows no queue and no network: whoever brings tries and takes outcomes does.</remarks>
public sealed partial class TryHost
{
    private readonly Dictionary<string, Dag> _dags;
    private readonly IExecutor _executor;
    private readonly TaskLogs? _logs;
    private readonly LargeXComs? _large;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <summary>Makes a host.</summary>
    /// <param name="dags">DAGs whose code it has; none for commands only.</param>
    /// <param name="executor">What runs bodies here; null for a <see cref="SubprocessExecutor"/>, which runs code in this process.</param>
    /// <param name="logs">Where lines that tries write are kept: the same store as the engine's. Null for nowhere.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="loggers">Where to log; null for nowhere.</param>
    /// <param name="large">Where large values are kept: the same as the engine's. Null where it has none.</param>
    public TryHost(
        IEnumerable<Dag>? dags = null,
        IExecutor? executor = null,
        TaskLogs? logs = null,
        TimeProvider? time = null,
        ILoggerFactory? loggers = null,
        LargeXComs? large = null)
    {
        _large = large;
        _dags = (dags ?? []).ToDictionary(dag => dag.Id, StringComparer.Ordinal);
        _executor = executor ?? new SubprocessExecutor();
        _logs = logs;
        _time = time ?? TimeProvider.System;
        _logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("DataPlatform.Orchestrator");
    }

    /// <summary>The DAGs whose code it has.</summary>
    public IReadOnlyCollection<string> DagIds => _dags.Keys;

    /// <summary>Runs a try.</summary>
    /// <param name="run">Its run.</param>
    /// <param name="model">The structure of the DAG version the run is pinned to, as the store keeps it.</param>
    /// <param name="hosted">The try.</param>
    /// <param name="values">Where it reads what other tasks pushed.</param>
    /// <param name="cancellationToken">Cancels the body.</param>
    /// <returns>How it ended; never throws for a failing body.</returns>
    public async Task<TaskOutcome> RunAsync(
        DagRun run, string model, HostedTry hosted, IXComReader values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(hosted);
        var (key, instance) = (hosted.Instance.Key, hosted.Instance);
        var log = _logs?.Open(new TaskLogId(run.DagId, run.Id, instance.TaskId, key.MapIndex, instance.Try));
        var outcome = await TryAsync(run, model, hosted, values, log, cancellationToken).ConfigureAwait(false);
        if (log is not null)
        {
            await log.EndAsync(outcome).ConfigureAwait(false);
        }

        return outcome;
    }

    private async Task<TaskOutcome> TryAsync(
        DagRun run, string model, HostedTry hosted, IXComReader values, TaskLog? log, CancellationToken cancellationToken)
    {
        try
        {
            var registered = _dags.GetValueOrDefault(run.DagId);
            var version = registered?.Hash == run.DagHash ? registered : DagDocument.Read(model, registered);
            var task = version.Task(hosted.Instance.TaskId);
            var instance = hosted.Instance;
            var context = new TaskContext(run, instance, new HostedRunReader(run, version, hosted.Item, values), line =>
            {
                LogLine(run.DagId, run.Id, instance.TaskId, instance.Try, line);
                log?.Write(line);
            }, _large);
            var body = hosted.Command is { } command ? task with { Body = command } : task;
            var invocation = new TaskInvocation(run, version, body, context, _time, static () => { }) { Log = log };
            return await _executor.ExecuteAsync(invocation, cancellationToken).ConfigureAwait(false);
        }
        catch (DataPlatformException exception)
        {
            return TaskOutcome.Failed(exception.Message, mayRetry: false);
        }
#pragma warning disable CA1031 // An executor that throws lost the try, as in the scheduler's own process.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return TaskOutcome.Infrastructure($"executor '{_executor.Name}' failed: {exception}");
        }
    }

    [LoggerMessage(EventId = 3100, Level = LogLevel.Information, Message = "{DagId}/{RunId}/{TaskId}#{Try}: {Line}")]
    private partial void LogLine(string dagId, long runId, string taskId, int @try, string line);
}
