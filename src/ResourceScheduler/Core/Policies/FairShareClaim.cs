namespace DataPlatform.ResourceScheduler.Policies;

/// <summary>What one of several siblings may claim of a common amount.</summary>
/// <param name="Weight">Its weight; 0 gets the minimum only.</param>
/// <param name="Min">What it gets before weights count; cut to <paramref name="Cap"/>.</param>
/// <param name="Cap">What it gets at most; <see cref="double.PositiveInfinity"/> for no bound.</param>
public readonly record struct FairShareClaim(double Weight, double Min, double Cap);
