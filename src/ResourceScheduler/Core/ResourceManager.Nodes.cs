using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler.Containers;
using DataPlatform.ResourceScheduler.Diagnostics;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.ResourceScheduler;

/// <content>Nodes and their agents.</content>
public sealed partial class ResourceManager
{
    /// <summary>Marks a node that lives in the manager's process and is gone with it.</summary>
    private const string AttachedAttribute = "attached-to-manager";

    private readonly Dictionary<string, NodeSession> _sessions = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public ValueTask<NodeSession> RegisterNodeAsync(NodeRegistration registration, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(registration);
        ArgumentException.ThrowIfNullOrWhiteSpace(registration.Name);
        return CallAsync(
            () =>
            {
                EnsureTaken(Apply(new SchedulerEvent.NodeRegistered(NowMs, registration.Name, registration.Capacity)
                {
                    Properties = registration.Properties,
                    Epoch = registration.Epoch,
                    Running = registration.Running,
                }));
                return OpenSession(registration.Name);
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReportNodeAsync(NodeHeartbeat heartbeat, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(heartbeat);
        await CallAsync(
            () =>
            {
                Report(heartbeat);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Lets a node leave once its containers have ended.</summary>
    /// <param name="name">The node.</param>
    /// <param name="limit">After so long the rest of its containers is stopped.</param>
    /// <param name="cancellationToken">Gives up; it may have been taken.</param>
    /// <exception cref="SchedulerException">Conflict: there is no such node.</exception>
    public ValueTask DecommissionNodeAsync(string name, TimeSpan limit, CancellationToken cancellationToken = default)
        => ChangeNodeAsync(now => new SchedulerEvent.NodeDecommissioned(now, name, now + (long)limit.TotalMilliseconds), cancellationToken);

    /// <summary>Begins or ends maintenance of a node: during it, it gets no new containers.</summary>
    /// <param name="name">The node.</param>
    /// <param name="isOn">Whether maintenance begins.</param>
    /// <param name="cancellationToken">Gives up; it may have been taken.</param>
    /// <exception cref="SchedulerException">Conflict: there is no such node.</exception>
    public ValueTask MaintainNodeAsync(string name, bool isOn, CancellationToken cancellationToken = default)
        => ChangeNodeAsync(now => new SchedulerEvent.NodeMaintenance(now, name, isOn), cancellationToken);

    /// <summary>Changes a node's label, attributes or rack while it runs.</summary>
    /// <param name="name">The node.</param>
    /// <param name="properties">What holds from now on.</param>
    /// <param name="cancellationToken">Gives up; it may have been taken.</param>
    /// <exception cref="SchedulerException">Conflict: there is no such node.</exception>
    public ValueTask ChangeNodeAsync(string name, NodeProperties properties, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(properties);
        return ChangeNodeAsync(now => new SchedulerEvent.NodePropertiesChanged(now, name, properties), cancellationToken);
    }

    private async ValueTask ChangeNodeAsync(Func<long, SchedulerEvent> change, CancellationToken cancellationToken)
        => await CallAsync(
            () =>
            {
                EnsureTaken(Apply(change(NowMs)));
                return true;
            },
            cancellationToken).ConfigureAwait(false);

    private static void EnsureTaken(IReadOnlyList<SchedulerDecision> decisions)
    {
        foreach (var decision in decisions)
        {
            if (decision is SchedulerDecision.EventRefused refused)
            {
                throw new SchedulerException(ErrorKind.Conflict, refused.Reason);
            }
        }
    }

    /// <summary>From here on commands go to the new session. What is stopping, and may never have been told, is told again.</summary>
    private NodeSession OpenSession(string name)
    {
        if (_sessions.Remove(name, out var before))
        {
            before.End();
        }

        var session = new NodeSession(Epoch);
        _sessions.Add(name, session);
        foreach (var container in _durable.Scheduler.ContainersOn(name).Where(container => container.IsStopping))
        {
            session.TrySend(new NodeCommand.StopContainer(Epoch, container.Id, Math.Max(0, container.KillAtMs - NowMs),
                "it was asked to stop before"));
        }

        return session;
    }

    private void Report(NodeHeartbeat heartbeat)
    {
        if (!_sessions.ContainsKey(heartbeat.Name))
        {
            throw new SchedulerException(ErrorKind.Conflict,
                $"Node '{heartbeat.Name}' reported to a manager of epoch {Epoch} that it has not registered with: it has to register.");
        }

        SchedulerTelemetry.Heartbeats.Add(1);
        var decisions = Apply(new SchedulerEvent.NodeReported(NowMs, heartbeat.Name, heartbeat.Epoch, heartbeat.Ended,
            heartbeat.IsHealthy));
        EnsureTaken(decisions);
        foreach (var ended in heartbeat.Ended)
        {
            CountEnd(ended.Outcome);
            TellEnded(ended.ContainerId, ended.Outcome);
        }
    }

    private void Start(Container container)
    {
        var definition = container.Application.Definition;
        if ((container.Ask.IsMaster ? definition.MasterWork : container.Ask.Definition.Work) is not { } work
            || !_sessions.TryGetValue(container.Node.Name, out var session))
        {
            // Without a session the node's next registration will not name it, and its task runs elsewhere.
            return;
        }

        if (!session.TrySend(new NodeCommand.StartContainer(Epoch, ContextOf(container), work)))
        {
            session.End();
            _sessions.Remove(container.Node.Name);
        }
    }

    private void SendStop(string node, long containerId, long graceMs, string reason)
    {
        if (_sessions.TryGetValue(node, out var session)
            && !session.TrySend(new NodeCommand.StopContainer(Epoch, containerId, graceMs, reason)))
        {
            session.End();
            _sessions.Remove(node);
        }
    }

    private void EndNodes()
    {
        foreach (var session in _sessions.Values)
        {
            session.End();
        }
    }

    private static ContainerContext ContextOf(Container container) => new(container.Id, container.Node.Name,
        container.Application.Leaf.Path, container.Resources, container.Application.Definition.Name, container.Application.Definition.User);

    private static void CountEnd(ContainerOutcome outcome)
        => SchedulerTelemetry.Ended.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));
}
