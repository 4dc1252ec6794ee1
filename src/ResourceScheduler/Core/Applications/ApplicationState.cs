namespace DataPlatform.ResourceScheduler.Applications;

/// <summary>Where an application is in its life.</summary>
public enum ApplicationState
{
    /// <summary>It is known and waits for its queue to let it run.</summary>
    Submitted,

    /// <summary>Its queue lets it run; its master, or its first container, is not there yet.</summary>
    Accepted,

    /// <summary>Its master has registered, or it has had its first container.</summary>
    Running,

    /// <summary>It reached its end.</summary>
    Finished,

    /// <summary>It failed, or its master did once too often.</summary>
    Failed,

    /// <summary>Somebody stopped it.</summary>
    Killed,
}
