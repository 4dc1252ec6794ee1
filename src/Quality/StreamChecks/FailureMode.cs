namespace DataPlatform.Quality.StreamChecks;

/// <summary>What becomes of a record that broke rules.</summary>
public enum FailureMode
{
    /// <summary>It goes to the side output only.</summary>
    SetAside,

    /// <summary>It goes to the side output, and on as well.</summary>
    PassOn,

    /// <summary>The job ends with an error that names the rules; nothing of its epoch is committed.</summary>
    Stop,
}
