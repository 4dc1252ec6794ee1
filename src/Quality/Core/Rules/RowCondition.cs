using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Rules;

/// <summary>Something that must hold for each row on its own. Engines translate it; the set of kinds is closed.</summary>
/// <remarks>A NULL satisfies every condition but <see cref="NotNullCondition"/>, as with SQL's CHECK: absence is that rule's business.</remarks>
public abstract record RowCondition
{
    private protected RowCondition()
    {
    }

    /// <summary>The kind's short name, as used in documents and ids.</summary>
    public abstract string Kind { get; }

    /// <summary>The condition in words.</summary>
    public abstract string Description { get; }

    /// <summary>The columns it names; empty for free SQL.</summary>
    public abstract IReadOnlyList<string> Columns { get; }

    /// <summary>A text equal for equal conditions only.</summary>
    internal abstract string Key { get; }

    /// <summary>SQL of the author's own in it, which must be checked before it runs.</summary>
    public virtual IReadOnlyList<string> Expressions => [];

    /// <summary>Why the condition makes no sense for these columns, which all exist; null when it does.</summary>
    internal virtual string? Incompatibility(TableShape shape) => null;
}
