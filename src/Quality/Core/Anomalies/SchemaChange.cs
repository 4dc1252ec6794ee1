using DataPlatform.Quality.Metrics;
using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality.Anomalies;

/// <summary>A difference between two shapes of a table.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Column">The column.</param>
/// <param name="Before">Its type before; null when it was not there.</param>
/// <param name="After">Its type now; null when it is gone.</param>
public sealed record SchemaChange(SchemaChangeKind Kind, string Column, string? Before, string? After)
{
    /// <summary>Finds what changed.</summary>
    /// <param name="before">The older shape.</param>
    /// <param name="after">The newer one.</param>
    public static IReadOnlyList<SchemaChange> Between(TableShape before, TableShape after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        List<SchemaChange> changes = [];
        foreach (var old in before.Columns)
        {
            var now = after.Find(old.Name);
            if (now is null)
            {
                changes.Add(new SchemaChange(SchemaChangeKind.Removed, old.Name, old.Type, null));
            }
            else if (SqlTypes.Normalize(now.Type) != SqlTypes.Normalize(old.Type))
            {
                changes.Add(new SchemaChange(SchemaChangeKind.TypeChanged, now.Name, old.Type, now.Type));
            }
        }

        changes.AddRange(after.Columns.Where(c => before.Find(c.Name) is null).Select(c => new SchemaChange(SchemaChangeKind.Added, c.Name, null, c.Type)));
        var kept = before.Columns.Select(c => c.Name).Where(n => after.Find(n) is not null).ToList();
        var order = after.Columns.Select(c => c.Name).Where(n => before.Find(n) is not null).ToList();
        changes.AddRange(kept.Zip(order).Where(p => !p.First.Equals(p.Second, StringComparison.OrdinalIgnoreCase)).Take(1)
            .Select(p => new SchemaChange(SchemaChangeKind.Reordered, p.Second, null, null)));
        return changes;
    }

    /// <inheritdoc/>
    public override string ToString() => Kind switch
    {
        SchemaChangeKind.Added => $"column '{Column}' is new as {After}",
        SchemaChangeKind.Removed => $"column '{Column}' is gone, it was {Before}",
        SchemaChangeKind.TypeChanged => $"column '{Column}' is {After}, it was {Before}",
        _ => $"column '{Column}' stands in another place",
    };
}

/// <summary>What happened to a column.</summary>
public enum SchemaChangeKind
{
    /// <summary>It is new.</summary>
    Added,

    /// <summary>It is gone.</summary>
    Removed,

    /// <summary>It has another type.</summary>
    TypeChanged,

    /// <summary>It is the first that stands in another place.</summary>
    Reordered,
}
