namespace DataPlatform.Quality.OpenLineage;

/// <summary>What the endpoint bears.</summary>
public sealed record OpenLineageReceiverOptions
{
    /// <summary>Bytes of a request's body at most, 1 KiB to 1 GiB; 16 MiB unless said otherwise.</summary>
    public int BodyBytesMax { get; init => field = value is >= 1_024 and <= 1 << 30 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 KiB to 1 GiB."); } = 16 * 1024 * 1024;

    /// <summary>Events of a request at most, 1 to 100,000; 1,000 unless said otherwise.</summary>
    public int EventsMax { get; init => field = value is >= 1 and <= 100_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "1 to 100,000."); } = 1_000;

    /// <summary>The authorization policy that callers must meet; null: only callers on this machine are served.</summary>
    public string? Policy { get; init; }
}
