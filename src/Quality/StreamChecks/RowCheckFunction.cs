using DataPlatform.Kernel;
using DataPlatform.Quality.Rules;
using DataPlatform.Streaming;
using DataPlatform.Streaming.Operators;

namespace DataPlatform.Quality.StreamChecks;

/// <summary>Judges the records of one subtask. A record that holds costs no allocation.</summary>
internal sealed class RowCheckFunction<T>(RowGate<T> gate, FailureMode mode, OutputTag<FailedRow<T>> failed, OutputTag<RowOutcome> outcomes) : ProcessFunction<T, T>
{
    // Few combinations of rules are broken again and again; their texts are made once.
    private const int TextsMax = 1_000;

    private readonly List<QualityRule> _broken = [];
    private readonly Dictionary<string, string> _texts = new(StringComparer.Ordinal);

    public override void Process(T record, RecordContext<T> context)
    {
        if (gate.Passes(record, _broken))
        {
            context.Collect(outcomes, new RowOutcome(context.TimestampMs, null));
            context.Collect(record);
            return;
        }

        if (mode == FailureMode.Stop)
        {
            throw new QualityException(ErrorKind.Invalid, $"A record broke {string.Join(" and ", _broken.Select(r => $"'{r.Description}'"))}: {record}.");
        }

        var rules = Text();
        context.Collect(outcomes, new RowOutcome(context.TimestampMs, rules));
        context.Collect(failed, new FailedRow<T>(record, rules, context.TimestampMs));
        if (mode == FailureMode.PassOn)
        {
            context.Collect(record);
        }
    }

    private string Text()
    {
        if (_broken.Count == 1)
        {
            return _broken[0].Id;
        }

        var text = string.Join(',', _broken.Select(r => r.Id));
        if (_texts.TryGetValue(text, out var known))
        {
            return known;
        }

        if (_texts.Count < TextsMax)
        {
            _texts[text] = text;
        }

        return text;
    }
}
