namespace DataPlatform.Lakehouse;

/// <summary>What opening a table does where a version's checksum file (<c>.crc</c>) disagrees with its log.</summary>
public enum ChecksumVerification
{
    /// <summary>The table opens as the log says, and a warning names what differs. The default: the log is the truth.</summary>
    Report,

    /// <summary>The table is refused as corrupt.</summary>
    Refuse,

    /// <summary>The file is not looked at.</summary>
    Ignore,
}
