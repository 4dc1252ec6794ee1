using System.Globalization;
using DataPlatform.ResourceScheduler.Applications;
using DataPlatform.ResourceScheduler.Containers;

namespace DataPlatform.ResourceScheduler.Simulation;

/// <summary>Replays a trace through a real <see cref="ClusterScheduler"/> under a virtual clock. The same trace, queues, options and seed
/// give the same
/// event log, byte for byte. Not thread-safe.</summary>
public sealed class ClusterSimulation
{
    private readonly PriorityQueue<SchedulerEvent, (long AtMs, long Sequence)> _agenda = new();
    private readonly ClusterTrace _trace;
    private readonly SimulationOptions _options;
    private readonly ClusterScheduler _scheduler;
    private readonly SimulationRecorder _recorder;
    private readonly TextWriter? _log;
    private readonly Random _random;
    private readonly Dictionary<long, (SimulatedJob Job, long Application, int Stage)> _asks = [];
    private readonly Dictionary<long, int> _open = [];
    private long _sequence;
    private long _lastAsk;

    private ClusterSimulation(ClusterTrace trace, QueueTree queues, SimulationOptions options, TextWriter? log)
    {
        (_trace, _options, _log) = (trace, options, log);
        _random = new Random(options.Seed);
        _scheduler = new ClusterScheduler(queues, options.Scheduler);
        var spanMs = trace.Jobs.Select(job => job.SubmitMs + Math.Min(job.IdealMs, 86_400_000)).DefaultIfEmpty(1).Max();
        _recorder = new SimulationRecorder(options.SampleMs > 0 ? options.SampleMs : Math.Max(1_000, spanMs / 200));
    }

    /// <summary>Runs a trace to its end.</summary>
    /// <param name="trace">Jobs and nodes.</param>
    /// <param name="queues">The queue tree.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    /// <param name="log">Where every event and decision is written, one a line; null for nowhere.</param>
    /// <exception cref="SchedulerException">Invalid: the trace has no nodes, or a job that cannot run in these queues.</exception>
    public static SimulationReport Run(ClusterTrace trace, QueueTree queues, SimulationOptions? options = null, TextWriter? log = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(queues);
        if (trace.Nodes.Count == 0)
        {
            throw SchedulerException.Invalid("The trace brings no nodes: name some to run it on.");
        }

        return new ClusterSimulation(trace, queues, options ?? new SimulationOptions(), log).Run();
    }

    private SimulationReport Run()
    {
        foreach (var node in _trace.Nodes)
        {
            Apply(new SchedulerEvent.NodeRegistered(0, node.Name, node.Capacity) { Properties = node.Properties });
        }

        for (var i = 0; i < _trace.Jobs.Count; i++)
        {
            var job = _trace.Jobs[i];
            At(new SchedulerEvent.ApplicationSubmitted(job.SubmitMs, i + 1,
                new ApplicationSpecification(job.Name, job.Queue, job.User) { Priority = job.Priority }));
        }

        var nextTickMs = _options.TickMs;
        while (_agenda.TryDequeue(out var next, out var at))
        {
            // Ticks come only while something waits; in between nothing can depend on one.
            for (; nextTickMs <= at.AtMs && _recorder.IsWaiting; nextTickMs += _options.TickMs)
            {
                Apply(new SchedulerEvent.Tick(nextTickMs));
            }

            nextTickMs = Math.Max(nextTickMs, (at.AtMs / _options.TickMs * _options.TickMs) + _options.TickMs);
            Step(next);
        }

        _recorder.Sample(_scheduler, force: true);
        return _recorder.Report(_trace, _scheduler, _options.Seed);
    }

    private void Step(SchedulerEvent next)
    {
        if (next is SchedulerEvent.ContainerEnded ended && !_recorder.IsRunning(ended.ContainerId))
        {
            return;
        }

        Apply(next);
        if (next is SchedulerEvent.ApplicationSubmitted submitted && _recorder.IsAccepted(submitted.ApplicationId))
        {
            AskAll(submitted.ApplicationId);
        }
    }

    private void AskAll(long application)
    {
        var job = _trace.Jobs[(int)application - 1];
        var first = _lastAsk + 1;
        _open[application] = job.Stages.Count;
        for (var stage = 0; stage < job.Stages.Count; stage++)
        {
            var wish = job.Stages[stage];
            _asks.Add(++_lastAsk, (job, application, stage));
            Apply(new SchedulerEvent.ContainersAsked(job.SubmitMs, application, _lastAsk, new ContainerAsk(wish.Resources, wish.Count)
            {
                IsRequeued = true,
                RetriesMax = 3,
                IsGang = wish.IsGang,
                DependsOn = [.. wish.After.Select(before => first + before)],
            }));
        }
    }

    private void Apply(SchedulerEvent schedulerEvent)
    {
        _log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{schedulerEvent.TimeMs} {schedulerEvent}"));
        foreach (var decision in _scheduler.Apply(schedulerEvent))
        {
            _log?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{schedulerEvent.TimeMs} > {decision}"));
            _recorder.Note(schedulerEvent, decision);
            CarryOut(schedulerEvent.TimeMs, decision);
        }

        _recorder.Note(schedulerEvent);
        _recorder.Sample(_scheduler, force: false);
    }

    private void CarryOut(long nowMs, SchedulerDecision decision)
    {
        switch (decision)
        {
            case SchedulerDecision.ContainerPlaced placed:
                var (job, _, stage) = _asks[placed.AskId];
                var runs = job.Stages[stage].RunMs;
                var fails = _options.FailureRate > 0 && _random.NextDouble() < _options.FailureRate;
                At(new SchedulerEvent.ContainerEnded(
                    nowMs + runs[placed.Task % runs.Count], placed.ContainerId, fails ? ContainerOutcome.Failed
                        : ContainerOutcome.Succeeded));
                break;
            case SchedulerDecision.ContainerStopRequested stop:
                At(new SchedulerEvent.ContainerEnded(nowMs + 1 + _random.NextInt64(_options.StopMs), stop.ContainerId,
                    ContainerOutcome.Killed));
                break;
            case SchedulerDecision.AskCompleted or SchedulerDecision.AskRefused:
                var application = decision is SchedulerDecision.AskCompleted done ? done.ApplicationId
                    : ((SchedulerDecision.AskRefused)decision).ApplicationId;
                if (--_open[application] == 0)
                {
                    At(new SchedulerEvent.ApplicationEnded(nowMs, application));
                }

                break;
        }
    }

    private void At(SchedulerEvent schedulerEvent) => _agenda.Enqueue(schedulerEvent, (schedulerEvent.TimeMs, _sequence++));
}
