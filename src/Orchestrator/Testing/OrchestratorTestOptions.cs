using DataPlatform.Orchestrator.Metadata;

namespace DataPlatform.Orchestrator.Testing;

/// <summary>Settings of an <see cref="OrchestratorTestHost"/>.</summary>
public sealed class OrchestratorTestOptions
{
    /// <summary>Where the clock begins; 2026-01-01 00:00 UTC by default.</summary>
    public DateTimeOffset Start { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Settings of the engine.</summary>
    public OrchestratorOptions Engine { get; set; } = new();

    /// <summary>Where its state is kept; null for memory. It stays the caller's to dispose.</summary>
    public IOrchestratorStore? Store { get; set; }

    /// <summary>Says how tasks behave from the first instant on, before the engine starts; null for nothing to say.</summary>
    public Action<OrchestratorTestHost>? Script { get; set; }

    /// <summary>How long the code of a task may work on the machine's clock before the test ends with an error; 30 s by default.</summary>
    public TimeSpan BodyLimit { get; set; } = TimeSpan.FromSeconds(30);
}
