using DataPlatform.Kernel;

namespace DataPlatform.Quality.Lineage;

/// <summary>What the SQL of an event calls its datasets, and back: a view <c>arrivals</c> may be the table <c>lake/arrivals</c>.</summary>
internal sealed class EventNames
{
    private readonly Dictionary<string, string> _datasets = new(StringComparer.OrdinalIgnoreCase);

    public EventNames(LineageEvent lineage)
    {
        LineageDataset[] all = [.. lineage.Inputs, .. lineage.Outputs];
        foreach (var dataset in all.Where(dataset => dataset.Alias is not null))
        {
            _datasets.TryAdd(dataset.Alias!, dataset.Dataset.Name);
        }

        // The last segment is a name where only one dataset has it, and nothing was given that name.
        foreach (var segment in all.Select(dataset => dataset.Dataset.Name).Distinct(StringComparer.Ordinal)
            .GroupBy(name => name[(name.LastIndexOf('/') + 1)..], StringComparer.OrdinalIgnoreCase).Where(names => names.Count() == 1))
        {
            _datasets.TryAdd(segment.Key, segment.Single());
        }

        Tables = [.. all.Where(dataset => dataset.Fields is { Count: > 0 }).Select(TableOf).DistinctBy(table => table.Name, StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The tables whose columns the event tells, by the names that its SQL uses.</summary>
    public IReadOnlyList<TableDefinition> Tables { get; }

    /// <summary>A statement in the names of datasets.</summary>
    public StatementLineage Translate(StatementLineage found) => found with
    {
        Output = found.Output is { } output ? Named(output) : null,
        Inputs = [.. found.Inputs.Select(Named)],
        Columns = [.. found.Columns.Select(column => column with { Target = Named(column.Target), Sources = [.. column.Sources.Select(Named)] })],
        Indirect = [.. found.Indirect.Select(Named)],
        Uses = [.. found.Uses.Select(use => use with { Column = Named(use.Column) })],
    };

    private static TableDefinition TableOf(LineageDataset dataset) => new(
        dataset.Alias ?? dataset.Dataset.Name, [.. dataset.Fields!.Select(field => new ColumnDefinition(field.Name, field.Type))]);

    private string Named(string table) => _datasets.GetValueOrDefault(table, table);

    private ColumnId Named(ColumnId column) => column with { Dataset = Named(column.Dataset) };
}
