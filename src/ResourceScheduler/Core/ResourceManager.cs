using System.Threading.Channels;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Nodes;
using DataPlatform.ResourceScheduler.Recovery;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler;

/// <summary>A resource manager inside a process: a bounded channel and one loop around a <see cref="ClusterScheduler"/>, with leases to
/// await.</summary>
/// <remarks>Thread-safe. Callers meet the scheduler only through the channel, so it has a single writer.</remarks>
public sealed partial class ResourceManager : IResourceTracker, IAsyncDisposable
{
    private readonly DurableScheduler _durable;
    private readonly SchedulerOptions _options;
    private readonly IContainerDriver _driver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<ManagerCommand> _commands;
    private readonly HashSet<string> _ownNodes = new(StringComparer.Ordinal);
    private readonly Task _loop;
    private readonly ITimer _ticks;
    private long _lastId;
    private int _disposed;

    /// <summary>Starts a manager that remembers nothing beyond its process. Nodes are added afterwards.</summary>
    /// <param name="queues">The queue tree.</param>
    /// <param name="driver">What runs the containers of <see cref="RunAsync(ContainerRequest, ContainerWork, CancellationToken)"/>.</param>
    /// <param name="time">The clock waits are measured by.</param>
    /// <param name="loggerFactory">Where refusals and lost containers are reported.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    public ResourceManager(QueueTree queues, IContainerDriver driver, TimeProvider time, ILoggerFactory loggerFactory,
        SchedulerOptions? options = null)
        : this(DurableScheduler.Volatile(queues, options), driver, time, loggerFactory, options)
    {
    }

    private ResourceManager(DurableScheduler durable, IContainerDriver driver, TimeProvider time, ILoggerFactory loggerFactory,
        SchedulerOptions? options)
    {
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        _durable = durable;
        _options = options ?? new SchedulerOptions();
        _driver = driver;
        _time = time;
        _logger = loggerFactory.CreateLogger<ResourceManager>();
        _commands = Channel.CreateBounded<ManagerCommand>(new BoundedChannelOptions(_options.CommandsMax) { SingleReader = true });
        TakeOver();
        _loop = Task.Run(LoopAsync);

        // A tick that finds no room in the channel is not missed: the next one looks at the same clock.
        var tick = TimeSpan.FromMilliseconds(_options.TickMs);
        _ticks = time.CreateTimer(static state => ((ResourceManager)state!).Tick(), this, tick, tick);
    }

    /// <summary>The epoch of this leader; 0 for a manager without a store.</summary>
    public long Epoch => _durable.Epoch;

    /// <summary>What was found in the store.</summary>
    public RecoveryReport Recovered => _durable.Recovered;

    /// <summary>Ends when the manager does: when it was disposed, or with the error because of which it leads no more.</summary>
    public Task Completion => _loop;

    /// <summary>Waits until it may lead, takes over what earlier leaders left in the store, and starts a manager whose every decision is
    /// durable before it is acted on.</summary>
    /// <param name="queues">The queue tree.</param>
    /// <param name="store">Where events are kept; disposed by the caller after the manager.</param>
    /// <param name="driver">What runs the containers of <see cref="RunAsync(ContainerRequest, ContainerWork, CancellationToken)"/>.</param>
    /// <param name="time">The clock waits are measured by.</param>
    /// <param name="loggerFactory">Where refusals and lost containers are reported.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    /// <param name="owner">Who leads, for people; the machine and the process by default.</param>
    /// <param name="cancellationToken">Gives up the wait.</param>
    /// <exception cref="SchedulerException">As for <see cref="DurableScheduler.LeadAsync"/>.</exception>
    public static async Task<ResourceManager> LeadAsync(QueueTree queues, IStateStore store, IContainerDriver driver, TimeProvider time,
        ILoggerFactory loggerFactory, SchedulerOptions? options = null, string? owner = null, CancellationToken cancellationToken = default)
    {
        using var activity = SchedulerTelemetry.Activities.StartActivity("lead");
        owner ??= $"{Environment.MachineName}/{Environment.ProcessId}";
        var durable = await DurableScheduler.LeadAsync(queues, store, owner, options, cancellationToken).ConfigureAwait(false);
        return new ResourceManager(durable, driver, time, loggerFactory, options);
    }

    /// <summary>Adds a node, or changes the capacity of one that is there.</summary>
    /// <param name="name">Its unique name.</param>
    /// <param name="capacity">All it has for containers.</param>
    /// <exception cref="SchedulerException">Unavailable: too many commands wait; try again.</exception>
    public void AddNode(string name, ResourceVector capacity)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);

        // Of a node that lives in this process nothing runs yet that an earlier manager placed there.
        bool isNew;
        lock (_ownNodes)
        {
            isNew = _ownNodes.Add(name);
        }

        Post(new ManagerCommand.Tell(new SchedulerEvent.NodeRegistered(NowMs, name, capacity)
        {
            Epoch = Epoch,
            Running = isNew ? [] : null,
            Properties = new NodeProperties { Attributes = new Dictionary<string, string> { [AttachedAttribute] = _driver.Name } },
        }));
    }

    /// <summary>Takes a node away. Holders of its containers are asked to stop.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="SchedulerException">Unavailable: too many commands wait; try again.</exception>
    public void RemoveNode(string name) => Post(new ManagerCommand.Tell(new SchedulerEvent.NodeRemoved(NowMs, name)));

    /// <summary>Puts a new queue tree in force. It must still hold every queue with applications.</summary>
    /// <param name="queues">The tree.</param>
    /// <exception cref="SchedulerException">Unavailable: too many commands wait; try again.</exception>
    public void ChangeQueues(QueueTree queues) => Post(new ManagerCommand.Tell(new SchedulerEvent.QueuesChanged(NowMs, queues)));

    /// <summary>Waits for a container in the request's queue.</summary>
    /// <param name="request">Who wants what.</param>
    /// <param name="cancellationToken">Gives the wait up; the request is withdrawn, and a container granted meanwhile is given
    /// back.</param>
    /// <returns>The container, to be released by the caller.</returns>
    /// <exception cref="SchedulerException">Invalid: the queue does not exist, or no node or queue could ever hold the request.</exception>
    public async ValueTask<ContainerLease> RequestContainerAsync(ContainerRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var waiting = new LeaseRequest(request, _time.GetTimestamp());
        await SendAsync(new ManagerCommand.Want(waiting), cancellationToken).ConfigureAwait(false);
        try
        {
            return await waiting.Granted.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await SendAsync(new ManagerCommand.Withdraw(waiting), CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits for a container, runs code in it and releases it.</summary>
    /// <param name="request">Who wants what.</param>
    /// <param name="work">The code; its token is also cancelled when the scheduler wants the container back.</param>
    /// <param name="cancellationToken">Gives up the wait, or asks the code to stop.</param>
    /// <returns>The exit code of the driver; 0 is success.</returns>
    public ValueTask<int> RunAsync(ContainerRequest request, Func<ContainerContext, CancellationToken, ValueTask> work,
        CancellationToken cancellationToken = default)
        => RunAsync(request, new ContainerWork.Code(work), cancellationToken);

    /// <summary>Waits for a container, runs work in it through the driver and releases it.</summary>
    /// <param name="request">Who wants what.</param>
    /// <param name="work">What to run.</param>
    /// <param name="cancellationToken">Gives up the wait, or asks the work to stop.</param>
    /// <returns>The exit code of the driver; 0 is success.</returns>
    public async ValueTask<int> RunAsync(ContainerRequest request, ContainerWork work, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(work);
        var lease = await RequestContainerAsync(request, cancellationToken).ConfigureAwait(false);
        var outcome = ContainerOutcome.Failed;
        try
        {
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.StopRequested);
            var exitCode = await _driver.RunAsync(lease.Context, work, stop.Token).ConfigureAwait(false);
            outcome = exitCode == 0 ? ContainerOutcome.Succeeded : ContainerOutcome.Failed;
            return exitCode;
        }
        catch (OperationCanceledException)
        {
            outcome = ContainerOutcome.Killed;
            throw;
        }
        finally
        {
            await lease.ReleaseAsync(outcome).ConfigureAwait(false);
        }
    }

    /// <summary>The state after the newest command handled so far.</summary>
    public ClusterSnapshot Snapshot()
    {
        lock (_durable.Gate)
        {
            return _durable.Scheduler.Snapshot();
        }
    }

    /// <summary>Why everything that waits still waits.</summary>
    public IReadOnlyList<PendingExplanation> Explain()
    {
        lock (_durable.Gate)
        {
            return _durable.Scheduler.Explain();
        }
    }

    /// <summary>Stops the loop. Waiting requests fail, and holders of containers are asked to stop.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _ticks.DisposeAsync().ConfigureAwait(false);
            _commands.Writer.TryComplete();
        }

        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _durable.DisposeAsync().ConfigureAwait(false);
    }

    internal async ValueTask ReleaseAsync(long containerId, ContainerOutcome outcome)
    {
        try
        {
            await SendAsync(new ManagerCommand.Release(containerId, outcome), CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The manager is gone and its accounts with it: there is nobody left to give the container back to.
            LogReleasedAfterStop(containerId);
        }
    }

    private async ValueTask SendAsync(ManagerCommand command, CancellationToken cancellationToken)
    {
        try
        {
            await _commands.Writer.WriteAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException closed)
        {
            throw closed.InnerException is null ? new ObjectDisposedException(nameof(ResourceManager))
                : SchedulerException.Unavailable($"The resource manager leads no more: {closed.InnerException.Message}");
        }
    }

    /// <summary>What an earlier leader left: nodes register anew before they get more, what lived in its process is gone.</summary>
    private void TakeOver()
    {
        _lastId = _durable.Scheduler.LastId;
        foreach (var node in _durable.Scheduler.Snapshot().Nodes.Where(node => node.Properties.Attributes.ContainsKey(AttachedAttribute)))
        {
            Apply(new SchedulerEvent.NodeRemoved(NowMs, node.Name));
        }

        foreach (var application in _durable.Scheduler.Applications.Where(application => !application.IsEnded).ToArray())
        {
            if (application.Definition.IsAttached)
            {
                Apply(new SchedulerEvent.ApplicationEnded(NowMs, application.Id, ApplicationState.Killed));
            }
            else
            {
                _known.Add(application.Id, application.Definition);
            }
        }

        _decided.AddRange(_durable.HoldNodes(NowMs));
        LogLeads(Epoch, Recovered.StateSequence, Recovered.Records, Recovered.Events);
    }

    private void Tick() => _commands.Writer.TryWrite(new ManagerCommand.Tell(new SchedulerEvent.Tick(NowMs)));

    private void Post(ManagerCommand command)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (!_commands.Writer.TryWrite(command))
        {
            throw SchedulerException.Unavailable("The resource manager has too many commands waiting; try again.");
        }
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();
}
