using DataPlatform.Streaming;
using DataPlatform.Streaming.Windows;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>What a check makes of a stream.</summary>
/// <typeparam name="T">The records.</typeparam>
public sealed class CheckedStream<T>
{
    // Counts are put together in so many keys first, so that not every outcome goes to one subtask.
    private const long PartsMask = 15;

    private readonly OutputTag<RowOutcome> _outcomes;
    private readonly string _name;

    internal CheckedStream(DataStream<T> passed, OutputTag<FailedRow<T>> failed, OutputTag<RowOutcome> outcomes, string name)
    {
        Passed = passed;
        Failed = passed.SideOutput(failed);
        _outcomes = outcomes;
        _name = name;
    }

    /// <summary>The records that go on.</summary>
    public DataStream<T> Passed { get; }

    /// <summary>The records that broke rules, with the rules.</summary>
    public DataStream<FailedRow<T>> Failed { get; }

    /// <summary>What the check saw in each window of event time, once the watermark has passed it. Records later than that are not counted.</summary>
    /// <param name="size">The windows' size.</param>
    /// <returns>A result per window with records; give it to a <see cref="WindowSeriesSink"/>.</returns>
    public DataStream<WindowQuality> Windows(TimeSpan size)
        => Passed.SideOutput(_outcomes)
            .KeyBy(static outcome => (int)(outcome.TimestampMs & PartsMask))
            .Window(TumblingWindows.OfEventTime(size))
            .Aggregate<WindowCounts, WindowCounts, WindowCounts>($"{_name}-parts", $"{_name}-parts", new OutcomeAggregate(), static (_, _, counts) => counts)
            .WindowAll(TumblingWindows.OfEventTime(size))
            .Aggregate<WindowCounts, WindowCounts, WindowQuality>(
                $"{_name}-windows", $"{_name}-windows", new CountsAggregate(), static (_, window, counts) => new WindowQuality(window.StartMs, window.EndMs, counts.Records, counts.Failed, counts.ByRule));
}
