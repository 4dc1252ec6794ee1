using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>Counts of a window so far.</summary>
[StreamRecord]
internal sealed partial class WindowCounts
{
    [Field(1)]
    public long Records { get; set; }

    [Field(2)]
    public long Failed { get; set; }

    [Field(3)]
    public Dictionary<string, long> ByRule { get; set; } = [];

    public void Add(WindowCounts other)
    {
        Records += other.Records;
        Failed += other.Failed;
        foreach (var (rule, count) in other.ByRule)
        {
            ByRule[rule] = ByRule.GetValueOrDefault(rule) + count;
        }
    }
}

/// <summary>Counts outcomes.</summary>
internal sealed class OutcomeAggregate : IAggregateFunction<RowOutcome, WindowCounts, WindowCounts>
{
    public WindowCounts CreateAccumulator() => new();

    public void Add(ref WindowCounts accumulator, RowOutcome record)
    {
        accumulator.Records++;
        if (record.Rules is not { } rules)
        {
            return;
        }

        accumulator.Failed++;
        foreach (var range in rules.AsSpan().Split(','))
        {
            var rule = rules[range];
            accumulator.ByRule[rule] = accumulator.ByRule.GetValueOrDefault(rule) + 1;
        }
    }

    public void Merge(ref WindowCounts accumulator, in WindowCounts other) => accumulator.Add(other);

    public WindowCounts GetResult(in WindowCounts accumulator)
    {
        var result = new WindowCounts();
        result.Add(accumulator);
        return result;
    }
}

/// <summary>Adds counts of a window's parts.</summary>
internal sealed class CountsAggregate : IAggregateFunction<WindowCounts, WindowCounts, WindowCounts>
{
    public WindowCounts CreateAccumulator() => new();

    public void Add(ref WindowCounts accumulator, WindowCounts record) => accumulator.Add(record);

    public void Merge(ref WindowCounts accumulator, in WindowCounts other) => accumulator.Add(other);

    public WindowCounts GetResult(in WindowCounts accumulator)
    {
        var result = new WindowCounts();
        result.Add(accumulator);
        return result;
    }
}
