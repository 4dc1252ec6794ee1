namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>A queue as a fair-share calculation over one resource sees it. Parents that are not listed are taken with these
/// defaults.</summary>
/// <param name="Path">Its full path, from <c>root</c>.</param>
public sealed record FairShareQueue(string Path)
{
    /// <summary>The share among siblings; for <see cref="FairShareMode.GuaranteedThenWeighted"/> the share of what is left after
    /// guarantees.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>What it gets before weights count.</summary>
    public double Min { get; init; }

    /// <summary>What it gets at most.</summary>
    public double Max { get; init; } = double.PositiveInfinity;

    /// <summary>What a leaf wants; a parent wants what is wanted below it.</summary>
    public double Demand { get; init; }

    /// <summary>Whether a leaf has anything to run; a parent is active when a leaf below it is.</summary>
    public bool IsActive { get; init; }

    /// <summary>Higher classes are filled before lower ones once guarantees are met. Only for
    /// <see cref="FairShareMode.GuaranteedThenWeighted"/>.</summary>
    public int Priority { get; init; }
}
