namespace DataPlatform.Quality.Metrics;

/// <summary>A part of a relation that never changes: a data file with the rows deleted from it.</summary>
/// <param name="Name">What its state is kept under.</param>
/// <param name="Fingerprint">What it consists of and how its columns are read; a part with another one is another part.</param>
/// <param name="SizeBytes">Its size.</param>
public sealed record TablePart(string Name, string Fingerprint, long SizeBytes)
{
    /// <summary>The partition it belongs to, for example <c>day=2001-01-31</c>; empty for a relation without partitions.</summary>
    public string Partition { get; init; } = string.Empty;
}
