namespace DataPlatform.Orchestrator.Dags;

/// <summary>What a sensor holds while it waits.</summary>
public enum SensorMode
{
    /// <summary>Its slot and place all the time: for short waits.</summary>
    Poke,

    /// <summary>Nothing between looks; each look waits for a slot again. Survives a restart.</summary>
    Reschedule,

    /// <summary>No slot at all: looks run in the engine beside the pools.</summary>
    Deferred,
}
