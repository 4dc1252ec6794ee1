using DataPlatform.ResourceScheduler;

namespace DataPlatform.Samples.FlightDelays.Pipeline;

/// <summary>The queues that tasks ask for containers, and the node they run on.</summary>
public static class Queues
{
    /// <summary>What this process lends to tasks.</summary>
    public static ResourceVector Node { get; } = new(cpuMillis: 2000, memoryMiB: 1024);

    /// <summary>Flights come before upkeep, and the gate before the mart.</summary>
    public static QueueTree Tree { get; } = QueueTree.Define()
        .Queue("root.flights", new QueueOptions { Weight = 3, Min = new ResourceVector(cpuMillis: 1000, memoryMiB: 512) })
        .Queue("root.flights.gate", new QueueOptions { Weight = 2 })
        .Queue("root.flights.mart", new QueueOptions())
        .Queue("root.upkeep", new QueueOptions { Max = new ResourceVector(cpuMillis: 1000, memoryMiB: 512) })
        .Build();
}
