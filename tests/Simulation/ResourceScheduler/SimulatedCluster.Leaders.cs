using DataPlatform.Kernel;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Recovery;

namespace DataPlatform.Simulation.ResourceScheduler;

/// <content>Leaders: what they do with an event, how they end, and those that do not know that they have.</content>
internal sealed partial class SimulatedCluster
{
    private Task<IReadOnlyList<SchedulerDecision>?> TellAsync(params SchedulerEvent[] events) => TellAsync(events, null);

    /// <summary>Applied, made durable, then acted on; the leader may die between any two of these. Null when the sender gets no
    /// answer.</summary>
    private async Task<IReadOnlyList<SchedulerDecision>?> TellAsync(SchedulerEvent[] events, Action? committed)
    {
        try
        {
            var decisions = events.SelectMany(_leader.Apply).ToArray();
            MayCrash("after it applied an event", 400);
            await _leader.CommitAsync();
            if (_store.CrashOneIn != int.MaxValue && decisions.Length > 0 && _random.Next(50) == 0)
            {
                // It stands still with durable decisions in its hands; others take it for dead.
                await FailOverAsync(isFrozen: true, decisions);
                return null;
            }

            MayCrash("after a commit", 400);
            committed?.Invoke();
            foreach (var decision in decisions)
            {
                MayCrash("between two acts", 1_000);
                Deliver(decision, _leader.Epoch);
            }

            if (_random.Next(60) == 0)
            {
                await _leader.SaveAsync();
                Counts.Saves++;
            }

            return decisions;
        }
        catch (LeaderCrash)
        {
            Counts.Crashes++;
            await FailOverAsync();
            return null;
        }
    }

    private void MayCrash(string where, int oneIn)
    {
        if (_store.CrashOneIn != int.MaxValue && _random.Next(oneIn) == 0)
        {
            throw new LeaderCrash(where);
        }
    }

    private void Deliver(SchedulerDecision decision, long epoch)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed:
                if (_agents[placed.Node].Start(placed.ContainerId, epoch, _nowMs))
                {
                    Counts.Started++;
                    Assert.True(_startedOn.TryAdd(placed.ContainerId, placed.Node),
                        $"Container {placed.ContainerId} started on {placed.Node} after it had started on {_startedOn.GetValueOrDefault(placed.ContainerId)}.");
                }

                break;
            case SchedulerDecision.ContainerStopRequested stop:
                _agents[stop.Node].Stop(stop.ContainerId, epoch);
                break;
            case SchedulerDecision.AskCompleted completed:
                Assert.Equal(0, completed.Failed);
                Assert.True(_completed.Add(completed.AskId), $"Ask {completed.AskId} was completed twice.");
                break;
            case SchedulerDecision.Preempted preempted:
                Invariants.Lawful(preempted.Claim);
                break;
        }
    }

    /// <summary>Another leader begins. The old one is gone, or only stands still and will go on later as if nothing had happened.</summary>
    private async Task FailOverAsync(bool isFrozen = false, IReadOnlyList<SchedulerDecision>? undelivered = null)
    {
        if (isFrozen)
        {
            _frozen.Add(new FrozenLeader(_leader, undelivered ?? []));
        }

        Counts.FailOvers++;
        var crashes = _store.CrashOneIn;
        _store.CrashOneIn = int.MaxValue;
        _leader = await LeadAsync();
        _store.CrashOneIn = crashes;
    }

    private async Task<DurableScheduler> LeadAsync()
    {
        var leader = await DurableScheduler.LeadAsync(Queues, _store, "leader", Options);
        var decisions = leader.HoldNodes(_nowMs);
        await leader.CommitAsync();
        foreach (var decision in decisions)
        {
            Deliver(decision, leader.Epoch);
        }

        return leader;
    }

    /// <summary>A frozen leader goes on: what it still had to say is refused by agents that know better, what it writes by the
    /// store.</summary>
    private async Task ThawAsync()
    {
        if (_frozen.Count == 0)
        {
            return;
        }

        var (old, undelivered) = _frozen[^1];
        _frozen.RemoveAt(_frozen.Count - 1);
        foreach (var decision in undelivered.Where(decision => decision is not SchedulerDecision.AskCompleted))
        {
            Deliver(decision, old.Epoch);
        }

        old.Apply(new SchedulerEvent.Tick(_nowMs + 60_000));
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await old.CommitAsync());
        Assert.True(refused is LeaderCrash or SchedulerException { Kind: ErrorKind.Conflict }, refused.Message);
        Counts.RefusedByStore++;
    }

    private sealed record FrozenLeader(DurableScheduler Leader, IReadOnlyList<SchedulerDecision> Undelivered);
}
