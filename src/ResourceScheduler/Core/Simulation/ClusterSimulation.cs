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
    private readonly SimulatedScaling? _scaling;
    private IProgress<SimulationProgress>? _progress;
    private long _sequence;
    private long _lastAsk;
    private long _steps;

    /// <summary>Looks of the autoscaler without any event after which waiting work is given up: longer than any back-off.</summary>
    private const int LooksMax = 1_000;
    private const long StepsPerProgress = (1 << 14) - 1;

    private ClusterSimulation(ClusterTrace trace, QueueTree queues, SimulationOptions options, TextWriter? log)
    {
        (_trace, _options, _log) = (trace, options, log);
        _random = new Random(options.Seed);
        _scheduler = new ClusterScheduler(queues, options.Scheduler);
        _scaling = options.Autoscaler is { } scaling ? new SimulatedScaling(scaling, options.Cloud, options.Seed) : null;
        var spanMs = trace.Jobs.Select(job => job.SubmitMs + Math.Min(job.IdealMs, 86_400_000)).DefaultIfEmpty(1).Max();
        _recorder = new SimulationRecorder(options.SampleMs > 0 ? options.SampleMs : Math.Max(1_000, spanMs / 200));
    }

    /// <summary>Runs a trace to its end.</summary>
    /// <param name="trace">Jobs and nodes.</param>
    /// <param name="queues">The queue tree.</param>
    /// <param name="options">Settings; defaults when absent.</param>
    /// <param name="log">Where every event and decision is written, one a line; null for nowhere.</param>
    /// <exception cref="SchedulerException">Invalid: the trace has no nodes, or a job that cannot run in these queues.</exception>
    /// <param name="progress">Told the virtual time and the jobs done, now and then; null for nobody.</param>
    public static SimulationReport Run(
        ClusterTrace trace, QueueTree queues, SimulationOptions? options = null, TextWriter? log = null,
        IProgress<SimulationProgress>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(queues);
        if (trace.Nodes.Count == 0 && options?.Autoscaler is null)
        {
            throw SchedulerException.Invalid("The trace brings no nodes: name some to run it on.");
        }

        return new ClusterSimulation(trace, queues, options ?? new SimulationOptions(), log) { _progress = progress }.Run();
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
        while (ScaleUntilNext(ref nextTickMs) && _agenda.TryDequeue(out var next, out var at))
        {
            // Ticks come only while something waits; in between nothing can depend on one.
            if (_options.StopAtMs > 0 && at.AtMs > _options.StopAtMs)
            {
                break;
            }

            for (; nextTickMs <= at.AtMs && _recorder.IsWaiting; nextTickMs += _options.TickMs)
            {
                Apply(new SchedulerEvent.Tick(nextTickMs));
            }

            nextTickMs = Math.Max(nextTickMs, (at.AtMs / _options.TickMs * _options.TickMs) + _options.TickMs);
            Step(next);
        }

        if (_options.StopAtMs > _recorder.NowMs)
        {
            Apply(new SchedulerEvent.Tick(_options.StopAtMs));
        }

        _recorder.Sample(_scheduler, force: true);
        return _recorder.Report(_trace, _scheduler, _options.Seed) with
        {
            Scaling = _scaling?.Report(_recorder.NowMs),
            Explanations = _options.StopAtMs > 0 ? _scheduler.Explain() : [],
        };
    }

    /// <summary>Lets the autoscaler look at its times up to the next event. With nothing to come and work waiting, time passes until it
    /// brings nodes or has had every chance to. Says whether there is an event.</summary>
    private bool ScaleUntilNext(ref long nextTickMs)
    {
        var idleLooks = 0;
        while (_scaling is { } scaling && (_agenda.TryPeek(out _, out var at) ? scaling.NextMs <= at.AtMs : _recorder.IsWaiting
            && idleLooks++ < LooksMax))
        {
            for (; nextTickMs <= scaling.NextMs && _recorder.IsWaiting; nextTickMs += _options.TickMs)
            {
                Apply(new SchedulerEvent.Tick(nextTickMs));
            }

            // The scheduler's clock is its newest event.
            Apply(new SchedulerEvent.Tick(scaling.NextMs));
            foreach (var follows in scaling.Step(_scheduler))
            {
                At(follows);
            }
        }

        Tell();
        return _agenda.Count > 0;
    }

    private void Tell()
    {
        if (_progress is { } progress && (_steps++ & StepsPerProgress) == 0)
        {
            progress.Report(new SimulationProgress(_recorder.NowMs, _recorder.Finished, _trace.Jobs.Count));
        }
    }

    private void Step(SchedulerEvent next)
    {
        if (next is SchedulerEvent.NodeRemoved or SchedulerEvent.NodeDecommissioned && !_recorder.IsPresent(next))
        {
            return;
        }

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
                ExpectedRunMs = _options.RunTimesAreKnown ? wish.RunMs.Max() : 0,
                NodeLabel = wish.Label,
                Attributes = wish.Attributes,
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
                var runMs = runs[placed.Task % runs.Count];
                runMs = _scaling?.RemainingMs(placed, nowMs, runMs) ?? runMs;
                var fails = _options.FailureRate > 0 && _random.NextDouble() < _options.FailureRate;
                At(new SchedulerEvent.ContainerEnded(
                    nowMs + runMs, placed.ContainerId, fails ? ContainerOutcome.Failed
                        : ContainerOutcome.Succeeded));
                break;
            case SchedulerDecision.CheckpointRequested request when _scaling is { } scaling:
                scaling.Saved(request.ContainerId, nowMs);
                At(new SchedulerEvent.ContainerEnded(nowMs + scaling.CheckpointMs, request.ContainerId, ContainerOutcome.Killed));
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
