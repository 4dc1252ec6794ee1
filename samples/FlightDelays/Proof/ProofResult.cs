namespace DataPlatform.Samples.FlightDelays.Proof;

/// <summary>The verdict of the proof.</summary>
/// <param name="InputRows">Rows of the input.</param>
/// <param name="RawRows">Rows of the raw table.</param>
/// <param name="Windows">Rows of the hourly table.</param>
/// <param name="WindowedRows">Arrivals counted in them.</param>
/// <param name="LateRows">Rows of the late table.</param>
/// <param name="FirstDifference">The first thing that differs from the batch answer; null when nothing does.</param>
public sealed record ProofResult(long InputRows, long RawRows, long Windows, long WindowedRows, long LateRows, string? FirstDifference)
{
    /// <summary>Whether stream and batch agree to the last row.</summary>
    public bool Proved => FirstDifference is null;
}
