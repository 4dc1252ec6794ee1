namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>An application that is over.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Specification">What it was.</param>
/// <param name="State">How it ended.</param>
/// <param name="Reason">Why, for people.</param>
/// <param name="EndedAtMs">When, in milliseconds since 1970-01-01 UTC.</param>
public sealed record FinishedApplication(long Id, ApplicationSpecification Specification, ApplicationState State, string Reason,
    long EndedAtMs);
