namespace DataPlatform.Quality.Lineage.OpenLineage;

/// <summary>Settings of an <see cref="OpenLineageClient"/>.</summary>
public sealed record OpenLineageClientOptions
{
    /// <summary>Sent as a bearer token; null to send none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The wait after a first failure; doubled after each further one. 5 s unless said otherwise.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait; 10 min unless said otherwise.</summary>
    public TimeSpan RetryAfterMax { get; init; } = TimeSpan.FromMinutes(10);

    internal TimeSpan WaitAfter(int failures)
        => TimeSpan.FromTicks((long)Math.Min(RetryAfter.Ticks * Math.Pow(2, failures - 1), RetryAfterMax.Ticks));
}
