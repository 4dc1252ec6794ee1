using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.Alerts;

/// <summary>One look at something that may be wrong.</summary>
/// <param name="Key">What it is about.</param>
/// <param name="Title">One line for people.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="IsBad">Whether it is wrong; null when it could not be told, which neither opens nor closes anything.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Column">The column it is about, <c>*</c> for a whole dataset; null when it is about none.</param>
public sealed record AlertSignal(string Key, string Title, Severity Severity, bool? IsBad, string Detail, ColumnId? Column = null)
{
    /// <summary>The signals of a run: one per rule, about the one column that the rule names, else about the whole table.</summary>
    /// <param name="result">The run.</param>
    /// <param name="suite">Its suite, which knows the columns; without it all signals are about the table.</param>
    public static IReadOnlyList<AlertSignal> Of(SuiteResult result, QualitySuite? suite = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        var dataset = result.Version?.Dataset.Name ?? result.Table;
        var columns = suite?.Rules.Where(r => r.Columns.Count == 1).DistinctBy(r => r.Id).ToDictionary(r => r.Id, r => r.Columns[0], StringComparer.Ordinal) ?? [];
        return [.. result.Verdicts.Select(v => new AlertSignal(
            $"{result.Suite}/{v.RuleId}",
            $"{result.Table}: {v.Rule}",
            v.Severity,
            v.Outcome switch { Outcome.Fail => true, Outcome.Pass => false, _ => null },
            $"{v.Message} ({result.Version?.ToString() ?? result.Table})",
            new ColumnId(dataset, columns.GetValueOrDefault(v.RuleId, ColumnId.Star))))];
    }
}
