namespace DataPlatform.ResourceScheduler.Diagnostics;

/// <summary>One node at one moment.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Capacity">What it has.</param>
/// <param name="Used">What its containers hold.</param>
/// <param name="Containers">How many run on it.</param>
public sealed record NodeSnapshot(string Name, ResourceVector Capacity, ResourceVector Used, int Containers);
