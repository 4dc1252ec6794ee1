using DataPlatform.Kernel;

namespace DataPlatform.ResourceScheduler.Recovery;

/// <content>Reading what earlier leaders left.</content>
public sealed partial class DurableScheduler
{
    private LeaderConfiguration? _configuration;

    private async ValueTask RecoverAsync(QueueTree queues, CancellationToken cancellationToken)
    {
        var options = _options;
        if (await _store!.ReadStateAsync(cancellationToken).ConfigureAwait(false) is { } saved)
        {
            _sequence = saved.Sequence;
            (Scheduler, _configuration) = StateFrame.Read(saved.Payload.Span, saved.Sequence, null);
            options = ConfigurationText.ReadOptions(_configuration.Options);
        }

        var (first, lastEpoch, events) = (_sequence, 0L, 0L);
        await foreach (var record in _store.ReadLogAsync(_sequence, cancellationToken).ConfigureAwait(false))
        {
            if (record.Sequence != _sequence + 1 || record.Epoch < lastEpoch || record.Epoch >= Epoch)
            {
                throw new SchedulerException(ErrorKind.Corrupt,
                    $"Record {record.Sequence} of epoch {record.Epoch} follows record {_sequence} of epoch {lastEpoch} in the scheduler's log, read by epoch {Epoch}: records are missing or out of order.");
            }

            var frame = LogFrame.Read(record);
            options = Replay(frame, options);
            _sequence = record.Sequence;
            lastEpoch = record.Epoch;
            events += frame.Events.Count;
        }

        Recovered = new RecoveryReport(Epoch, first, _sequence - first, events);
        EventsSinceSave = events;
        await BeginEpochAsync(queues, cancellationToken).ConfigureAwait(false);
    }

    private SchedulerOptions Replay(LogFrame frame, SchedulerOptions options)
    {
        if (frame.Configuration is { } configuration)
        {
            // The very first record says what the scheduler began with; each later one says what a new leader went on with.
            options = ConfigurationText.ReadOptions(configuration.Options);
            if (_configuration is null)
            {
                Scheduler = new ClusterScheduler(ConfigurationText.ReadQueues(configuration.Queues), options);
            }

            _configuration = configuration;
        }

        var digest = DecisionDigest.Empty;
        foreach (var schedulerEvent in frame.Events)
        {
            foreach (var decision in Scheduler.Apply(schedulerEvent))
            {
                digest = DecisionDigest.Add(digest, decision);
            }
        }

        if (digest != frame.Digest)
        {
            throw new SchedulerException(ErrorKind.Corrupt,
                $"Record {frame.Sequence} of the scheduler's log was written by a program that decided differently on the same {frame.Events.Count} events: recover with the version that wrote it and let it save its state before upgrading.");
        }

        if (frame.IsRestated)
        {
            _sequence = frame.Sequence;
            Restate(options);
        }

        return options;
    }

    /// <summary>The first record of an epoch holds its settings, and everything goes on from the state as written: from here on the new
    /// settings decide.</summary>
    private async ValueTask BeginEpochAsync(QueueTree queues, CancellationToken cancellationToken)
    {
        var last = _configuration;
        _configuration = new LeaderConfiguration(ConfigurationText.Write(_options), ConfigurationText.Write(queues));
        await AppendAsync(isRestated: true, _configuration, cancellationToken).ConfigureAwait(false);
        Restate(_options);
        if (last is not null && !last.Queues.AsSpan().SequenceEqual(_configuration.Queues))
        {
            foreach (var decision in Apply(new SchedulerEvent.QueuesChanged(Scheduler.NowMs, queues)))
            {
                if (decision is SchedulerDecision.EventRefused refused)
                {
                    throw SchedulerException.Invalid(refused.Reason);
                }
            }

            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
