namespace DataPlatform.Kernel;

/// <summary>What the caller of a failed operation can do about it.</summary>
public enum ErrorKind
{
    /// <summary>The request or its input is wrong: change it before trying again.</summary>
    Invalid,

    /// <summary>Somebody else won a race: read the new state and decide again.</summary>
    Conflict,

    /// <summary>Something outside did not answer or had no room: the same call may succeed later.</summary>
    Unavailable,

    /// <summary>Stored data is damaged or not what its format says: it needs repair or a restore.</summary>
    Corrupt,
}
