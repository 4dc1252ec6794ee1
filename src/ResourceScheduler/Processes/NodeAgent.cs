using System.Globalization;
using System.Threading.Channels;
using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Nodes;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler.Processes;

/// <summary>
/// Makes this machine, or a part of it, a node: registers with a manager, runs the containers it is given as real processes, and reports
/// their ends. Containers outlive the agent: the next one on the same folder finds them again.
/// </summary>
/// <remarks>Thread-safe. One loop talks to the manager, so that a registration and the commands around it never cross.</remarks>
public sealed partial class NodeAgent : IAsyncDisposable
{
    private const int CommandBatchMax = 64;
    private const int StartsMax = 8;

    private readonly Func<IResourceTracker> _tracker;
    private readonly NodeAgentOptions _options;
    private readonly ContainerHost _host;
    private readonly ILogger _logger;
    private readonly long _epoch;
    private readonly Channel<EndedContainer> _ends = Channel.CreateUnbounded<EndedContainer>(
        new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<long, ContainerOutcome> _unreported = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private long _leaderEpoch;

    private NodeAgent(Func<IResourceTracker> tracker, NodeAgentOptions options, ContainerHost host, ILogger logger)
    {
        _tracker = tracker;
        _options = options;
        _host = host;
        _logger = logger;
        _epoch = ReadNumber("epoch") + 1;
        WriteNumber("epoch", _epoch);
        _leaderEpoch = ReadNumber("leader-epoch");
        foreach (var folder in host.Unreported())
        {
            _unreported[folder.Id] = ProcessContainer.ExitOf(folder).Outcome;
        }

        foreach (var container in host.Running)
        {
            _ = WatchAsync(container);
        }

        LogOpened(options.Name, host.Isolation, host.Running.Count, _unreported.Count);
        _loop = Task.Run(() => RunAsync(_stop.Token));
    }

    /// <summary>What keeps its containers within their limits.</summary>
    public ContainerIsolation Isolation => _host.Isolation;

    /// <summary>The agent's epoch: how often an agent was started on this folder.</summary>
    public long Epoch => _epoch;

    /// <summary>Starts an agent.</summary>
    /// <param name="tracker">The manager to talk to, asked before each registration: after a failover it is another.</param>
    /// <param name="options">What it makes of this machine.</param>
    /// <param name="loggerFactory">Where refusals are reported.</param>
    /// <exception cref="SchedulerException">Conflict: another agent uses the folder. Invalid: the isolation does not work here.</exception>
    public static async Task<NodeAgent> StartAsync(Func<IResourceTracker> tracker, NodeAgentOptions options, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(tracker);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        var host = await ContainerHost.OpenAsync(options.Folder, options.Isolation).ConfigureAwait(false);
        return new NodeAgent(tracker, options, host, loggerFactory.CreateLogger<NodeAgent>());
    }

    /// <summary>The folder of a container: its description, <c>stdout</c>, <c>stderr</c> and <c>exit</c>.</summary>
    /// <param name="containerId">The container.</param>
    public string FolderOf(long containerId) => _host.FolderOf(containerId).Path;

    /// <summary>How a container ended; null while it runs, or when its folder is not kept any more.</summary>
    /// <param name="containerId">The container.</param>
    public ContainerExit? ExitOf(long containerId)
        => _host.Find(containerId) is null && _host.FolderOf(containerId) is var folder && folder.ReadExit() is not null
            ? ProcessContainer.ExitOf(folder) : null;

    /// <summary>Stops the agent. Its containers go on.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _host.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <summary>Kills every container of the node and waits until nothing of them is left.</summary>
    public async Task KillContainersAsync()
        => await Task.WhenAll(_host.Running.Select(container => container.StopAsync(TimeSpan.Zero))).ConfigureAwait(false);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is SchedulerException or ObjectDisposedException)
            {
                LogNotServed(_options.Name, error.Message);
                await Task.Delay(_options.RetryAfter, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One session: register, then do what comes and say what ends, until the session is over.</summary>
    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        DrainEnds();
        var tracker = _tracker();
        var registration = new NodeRegistration(_options.Name, _options.Capacity, _epoch,
            [.. _host.Running.Select(container => container.Id).Concat(_unreported.Keys).Distinct().Order()])
        {
            Properties = _options.Properties with
            {
                Attributes = new Dictionary<string, string>(_options.Properties.Attributes, StringComparer.Ordinal)
                {
                    ["isolation"] = Isolation.ToString(),
                },
            },
        };
        var session = await tracker.RegisterNodeAsync(registration, cancellationToken).ConfigureAwait(false);
        EnsureNewest(session.LeaderEpoch);
        var nextHeartbeat = TimeProvider.System.GetTimestamp();
        var (commands, ends) = (session.Commands.WaitToReadAsync(cancellationToken).AsTask(),
            _ends.Reader.WaitToReadAsync(cancellationToken).AsTask());
        while (true)
        {
            if (_unreported.Count > 0 || TimeProvider.System.GetElapsedTime(nextHeartbeat) >= _options.Heartbeat)
            {
                nextHeartbeat = TimeProvider.System.GetTimestamp();
                await ReportAsync(tracker, cancellationToken).ConfigureAwait(false);
            }

            var pause = _options.Heartbeat - TimeProvider.System.GetElapsedTime(nextHeartbeat);
            using var wake = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(commands, ends, Task.Delay(pause > TimeSpan.Zero ? pause : TimeSpan.Zero, TimeProvider.System,
                wake.Token)).ConfigureAwait(false);
            await wake.CancelAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            if (ends.IsCompleted)
            {
                DrainEnds();
                ends = _ends.Reader.WaitToReadAsync(cancellationToken).AsTask();
            }

            if (commands.IsCompleted)
            {
                if (!await commands.ConfigureAwait(false))
                {
                    return;
                }

                Obey(session);
                commands = session.Commands.WaitToReadAsync(cancellationToken).AsTask();
            }
        }
    }

    private void DrainEnds()
    {
        while (_ends.Reader.TryRead(out var ended))
        {
            _unreported[ended.ContainerId] = ended.Outcome;
        }
    }

    /// <summary>What the manager has taken is durable there, so it need not be said again.</summary>
    private async Task ReportAsync(IResourceTracker tracker, CancellationToken cancellationToken)
    {
        var ended = _unreported.Select(pair => new EndedContainer(pair.Key, pair.Value)).OrderBy(end => end.ContainerId).ToArray();
        await tracker.ReportNodeAsync(new NodeHeartbeat(_options.Name, _epoch, ended, _options.IsHealthy()),
            cancellationToken).ConfigureAwait(false);
        foreach (var end in ended)
        {
            _unreported.Remove(end.ContainerId);
            _host.Reported(end.ContainerId, _options.FoldersMax);
        }
    }

    private void Obey(NodeSession session)
    {
        // Ends come before further starts, so that a long list of starts does not hold them up.
        var starts = new List<NodeCommand.StartContainer>();
        for (var i = 0; i < CommandBatchMax && session.Commands.TryRead(out var command); i++)
        {
            if (command.LeaderEpoch < _leaderEpoch)
            {
                LogOldLeader(_options.Name, command.LeaderEpoch, _leaderEpoch);
                continue;
            }

            switch (command)
            {
                case NodeCommand.StartContainer start:
                    starts.Add(start);
                    break;
                case NodeCommand.StopContainer stop:
                    Start(starts);
                    Stop(stop);
                    break;
            }
        }

        Start(starts);
    }

    /// <summary>A spawn waits for the child to get the processor, so several are made side by side.</summary>
    private void Start(List<NodeCommand.StartContainer> starts)
    {
        Parallel.ForEach(starts, new ParallelOptions { MaxDegreeOfParallelism = StartsMax }, start =>
        {
            try
            {
                if (_host.Start(start.Container, start.Work) is { } container)
                {
                    _ = WatchAsync(container);
                }
            }
            catch (SchedulerException error)
            {
                LogNotStarted(start.Container.ContainerId, error.Message);
                _ends.Writer.TryWrite(new EndedContainer(start.Container.ContainerId, ContainerOutcome.Failed));
            }
        });
        starts.Clear();
    }

    private void Stop(NodeCommand.StopContainer stop)
    {
        if (_host.Find(stop.ContainerId) is { } container)
        {
            _ = container.StopAsync(TimeSpan.FromMilliseconds(stop.GraceMs));
        }
        else
        {
            // It ended before, or its start was never heard of: either way it does not run and never will.
            _unreported.TryAdd(stop.ContainerId, ContainerOutcome.Killed);
        }
    }

    private async Task WatchAsync(ProcessContainer container)
    {
        var outcome = ContainerOutcome.Failed;
        try
        {
            outcome = (await container.Ended.ConfigureAwait(false)).Outcome;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception error) when (error is IOException or SchedulerException)
        {
            LogNotCleaned(container.Id, error.Message);
        }

        _ends.Writer.TryWrite(new EndedContainer(container.Id, outcome));
    }

    /// <summary>A manager of an older epoch than one already heard of does not lead any more, whatever it believes.</summary>
    private void EnsureNewest(long leaderEpoch)
    {
        if (leaderEpoch < _leaderEpoch)
        {
            throw new SchedulerException(ErrorKind.Unavailable,
                $"The manager of epoch {leaderEpoch} took the registration, but epoch {_leaderEpoch} has been heard of: it leads no more.");
        }

        if (leaderEpoch > _leaderEpoch)
        {
            _leaderEpoch = leaderEpoch;
            WriteNumber("leader-epoch", leaderEpoch);
        }
    }

    private long ReadNumber(string name)
    {
        var path = Path.Combine(_options.Folder, name);
        return File.Exists(path) && long.TryParse(File.ReadAllText(path), CultureInfo.InvariantCulture, out var number) ? number : 0;
    }

    private void WriteNumber(string name, long number)
    {
        var path = Path.Combine(_options.Folder, name);
        File.WriteAllText(path + ".new", number.ToString(CultureInfo.InvariantCulture));
        File.Move(path + ".new", path, overwrite: true);
    }

    [LoggerMessage(EventId = 5100, Level = LogLevel.Information,
        Message = "Node {Node} uses {Isolation}; {Running} containers run on, {Unreported} ended meanwhile")]
    private partial void LogOpened(string node, ContainerIsolation isolation, int running, int unreported);

    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "Node {Node} is not served and registers again: {Reason}")]
    private partial void LogNotServed(string node, string reason);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Warning,
        Message = "Node {Node} refused a command of leader epoch {Epoch}: epoch {Newest} is the newest it has heard of")]
    private partial void LogOldLeader(string node, long epoch, long newest);

    [LoggerMessage(EventId = 5103, Level = LogLevel.Error, Message = "Container {ContainerId} was not started: {Reason}")]
    private partial void LogNotStarted(long containerId, string reason);

    [LoggerMessage(EventId = 5104, Level = LogLevel.Error,
        Message = "What is left of container {ContainerId} could not be cleared away: {Reason}")]
    private partial void LogNotCleaned(long containerId, string reason);
}
