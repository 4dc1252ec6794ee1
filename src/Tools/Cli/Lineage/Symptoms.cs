using DataPlatform.Quality.Alerts;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Tools.Cli.Lineage;

/// <summary>The open alerts of a database, by the columns they are about.</summary>
internal sealed class Symptoms(IReadOnlyList<LineageSymptom> all)
{
    public static Symptoms None { get; } = new([]);

    public static async Task<Symptoms> ReadAsync(IAlertStore alerts, CancellationToken cancellationToken)
        => new([.. (await alerts.ListAsync(cancellationToken: cancellationToken))
            .Where(a => a.Column is not null && !a.Key.StartsWith("incident/", StringComparison.Ordinal))
            .Select(a => new LineageSymptom(a.Column!.Value, a.Severity, a.OpenedAt, $"{a.Title} ({a.Severity})."))]);

    /// <summary>What is wrong at a column or with its whole dataset; null for nothing.</summary>
    public string? At(ColumnId column)
    {
        var here = all.Where(s => s.Column == column || s.Column == column with { Column = ColumnId.Star }).Select(s => s.What);
        return string.Join("; ", here) is { Length: > 0 } text ? text : null;
    }

    /// <summary>The likeliest cause of trouble at a column; null where nothing there or above it is wrong.</summary>
    public RootCauseCandidate? CauseOf(LineageIndex index, ColumnId column)
    {
        var asked = all.FirstOrDefault(s => s.Column == column);
        var ranked = RootCause.Rank(index, asked ?? new LineageSymptom(column, default, DateTimeOffset.MaxValue, string.Empty), all);
        return ranked.FirstOrDefault(c => all.Contains(c.Symptom));
    }
}
