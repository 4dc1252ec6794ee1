using DataPlatform.Quality.Rules;

namespace DataPlatform.Quality;

/// <summary>The rules of one table. Immutable; made by <see cref="QualitySuiteBuilder"/>.</summary>
public sealed class QualitySuite
{
    internal QualitySuite(string name, string table, IReadOnlyList<QualityRule> rules, IReadOnlySet<string> maskedColumns)
    {
        Name = name;
        Table = table;
        Rules = rules;
        MaskedColumns = maskedColumns;
    }

    /// <summary>The suite's name; history is kept by it.</summary>
    public string Name { get; }

    /// <summary>The table the rules speak of; part of every rule's id.</summary>
    public string Table { get; }

    /// <summary>The rules, in the order they were added.</summary>
    public IReadOnlyList<QualityRule> Rules { get; }

    /// <summary>Columns whose values never appear in samples.</summary>
    public IReadOnlySet<string> MaskedColumns { get; }
}
