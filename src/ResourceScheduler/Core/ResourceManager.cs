using System.Threading.Channels;
using DataPlatform.ResourceScheduler.Containers;
using Microsoft.Extensions.Logging;

namespace DataPlatform.ResourceScheduler;

/// <summary>A resource manager inside a process: a bounded channel and one loop around a <see cref="ClusterScheduler"/>, with leases to
/// await.</summary>
/// <remarks>Thread-safe. Callers meet the scheduler only through the channel, so it has a single writer.</remarks>
public sealed partial class ResourceManager : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly ClusterScheduler _scheduler;
    private readonly IContainerDriver _driver;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<ManagerCommand> _commands;
    private readonly Task _loop;
    private readonly ITimer _ticks;
    private int _disposed;

    /// <summary>Starts the loop. Nodes are added afterwards.</summary>
    /// <param name="queues">The queue tree.</param>
    /// <param name="driver">What runs the containers of <see cref="RunAsync(ContainerRequest, ContainerWork, CancellationToken)"/>.</param>
    /// <param name="time">The clock waits are measured by.</param>
    /// <param name="loggerFactory">Where refusals and lost containers are reported.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    public ResourceManager(QueueTree queues, IContainerDriver driver, TimeProvider time, ILoggerFactory loggerFactory,
        SchedulerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(queues);
        ArgumentNullException.ThrowIfNull(driver);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(loggerFactory);
        options ??= new SchedulerOptions();
        _scheduler = new ClusterScheduler(queues, options);
        _driver = driver;
        _time = time;
        _logger = loggerFactory.CreateLogger<ResourceManager>();
        _commands = Channel.CreateBounded<ManagerCommand>(new BoundedChannelOptions(options.CommandsMax) { SingleReader = true });
        _loop = Task.Run(LoopAsync);

        // A tick that finds no room in the channel is not missed: the next one looks at the same clock.
        var tick = TimeSpan.FromMilliseconds(options.TickMs);
        _ticks = time.CreateTimer(static state => ((ResourceManager)state!).Tick(), this, tick, tick);
    }

    /// <summary>Adds a node, or changes the capacity of one that is there.</summary>
    /// <param name="name">Its unique name.</param>
    /// <param name="capacity">All it has for containers.</param>
    /// <exception cref="SchedulerException">Unavailable: too many commands wait; try again.</exception>
    public void AddNode(string name, ResourceVector capacity)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Post(new ManagerCommand.Tell(new SchedulerEvent.NodeRegistered(NowMs, name, capacity)));
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
        lock (_gate)
        {
            return _scheduler.Snapshot();
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

        await _loop.ConfigureAwait(false);
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
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(ResourceManager));
        }
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
