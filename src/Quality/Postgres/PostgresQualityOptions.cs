namespace DataPlatform.Quality.Postgres;

/// <summary>Settings of a <see cref="PostgresQualityDatabase"/>. Read once, when it is opened.</summary>
public sealed record PostgresQualityOptions
{
    /// <summary>The schema its tables are in; <c>quality</c> unless said otherwise. Lower-case letters, digits and <c>_</c>.</summary>
    public string Schema { get; init; } = "quality";

    /// <summary>How often a statement is tried again after a lost connection or a deadlock, 0 to 20; 5 unless said otherwise.</summary>
    public int RetriesMax { get; init => field = value is >= 0 and <= 20 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "0 to 20."); } = 5;
}
