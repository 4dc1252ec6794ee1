namespace DataPlatform.Quality.Metrics;

/// <summary>Different keys of one relation that another one lacks. Keys with a NULL in them do not count. A whole number.</summary>
/// <param name="Columns">The key's columns here.</param>
/// <param name="Reference">The other relation, as rules name it.</param>
/// <param name="ReferenceColumns">The key's columns there, in the same order.</param>
/// <param name="IsMissingHere">True for keys that are there and not here, false for keys that are here and not there.</param>
/// <param name="Filter">See <see cref="Metric"/>; on the rows here.</param>
public sealed record MissingKeyMetric(
    IReadOnlyList<string> Columns, string Reference, IReadOnlyList<string> ReferenceColumns, bool IsMissingHere, string? Filter) : Metric(Filter)
{
    internal override QueryShape Shape => QueryShape.Reference;

    internal override string QueryKey => Key;

    private protected override IEnumerable<string?> KeyParts
        => [Reference, IsMissingHere ? "here" : "there", .. Columns.Select(c => c.ToUpperInvariant()), null, .. ReferenceColumns.Select(c => c.ToUpperInvariant())];
}
