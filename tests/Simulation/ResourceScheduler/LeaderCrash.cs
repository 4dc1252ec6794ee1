namespace DataPlatform.Simulation.ResourceScheduler;

/// <summary>The leader's process is gone. Whatever it had not made durable is lost.</summary>
internal sealed class LeaderCrash(string where) : Exception($"The leader crashed: {where}.");
