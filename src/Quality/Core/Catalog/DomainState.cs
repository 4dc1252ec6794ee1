namespace DataPlatform.Quality.Catalog;

/// <summary>A domain as the newest verdicts of its rules leave it.</summary>
/// <param name="Domain">The domain; empty for tables without one.</param>
/// <param name="Tables">Its tables.</param>
/// <param name="Rules">Its rules by outcome.</param>
public sealed record DomainState(string Domain, int Tables, OutcomeCounts Rules);
