namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Which protocol versions and table features this engine reads and writes.</summary>
internal static class TableFeatures
{
    public const string AppendOnly = "appendOnly";
    public const string Invariants = "invariants";
    public const string CheckConstraints = "checkConstraints";
    public const string ChangeDataFeed = "changeDataFeed";
    public const string GeneratedColumns = "generatedColumns";
    public const string ColumnMapping = "columnMapping";
    public const string IdentityColumns = "identityColumns";
    public const string DeletionVectors = "deletionVectors";
    public const string TimestampNtz = "timestampNtz";
    public const string V2Checkpoint = "v2Checkpoint";
    public const string DomainMetadata = "domainMetadata";
    public const string RowTracking = "rowTracking";
    public const string InCommitTimestamp = "inCommitTimestamp";
    public const string ColumnDefaults = "allowColumnDefaults";
    public const string TypeWidening = "typeWidening";
    public const string TypeWideningPreview = "typeWidening-preview";
    public const string Variant = "variantType";
    public const string Clustering = "clustering";
    public const string VacuumProtocolCheck = "vacuumProtocolCheck";
    public const int ReaderVersionMax = 3;
    public const int WriterVersionMax = 7;

    private static readonly HashSet<string> Readable = new(StringComparer.Ordinal)
    {
        ColumnMapping, DeletionVectors, TimestampNtz, V2Checkpoint, TypeWidening, TypeWideningPreview, VacuumProtocolCheck,
        "variantType", "variantType-preview", "variantShredding-preview", "variantShredding",
    };

    private static readonly HashSet<string> Writable = new(StringComparer.Ordinal)
    {
        AppendOnly, Invariants, CheckConstraints, ChangeDataFeed, GeneratedColumns, ColumnMapping, IdentityColumns, TimestampNtz,
        VacuumProtocolCheck, DomainMetadata, V2Checkpoint, DeletionVectors, RowTracking, InCommitTimestamp, ColumnDefaults, TypeWidening,
        TypeWideningPreview, Variant, Clustering,
    };

    private static readonly (int Version, string Feature)[] LegacyWriter =
    [
        (2, AppendOnly), (2, Invariants), (3, CheckConstraints), (4, ChangeDataFeed), (4, GeneratedColumns), (5, ColumnMapping),
            (6, IdentityColumns),
    ];

    /// <summary>Refuses a table that this engine cannot read rightly.</summary>
    /// <exception cref="DeltaException">Names the version or the feature.</exception>
    public static void CheckReadable(Protocol protocol)
    {
        if (protocol.MinReaderVersion is < 1 or > ReaderVersionMax)
        {
            throw DeltaException.Invalid(
                $"The table asks for reader version {protocol.MinReaderVersion}; this engine reads versions 1 to {ReaderVersionMax}.");
        }

        if (protocol.MinReaderVersion == ReaderVersionMax)
        {
            Refuse(protocol.ReaderFeatures ?? [], Readable, "read");
        }
    }

    /// <summary>Refuses a table that this engine cannot write without breaking a promise to other readers.</summary>
    /// <exception cref="DeltaException">Names the version or the feature.</exception>
    public static void CheckWritable(Protocol protocol)
    {
        if (protocol.MinWriterVersion is < 1 or > WriterVersionMax)
        {
            throw DeltaException.Invalid(
                $"The table asks for writer version {protocol.MinWriterVersion}; this engine writes versions 1 to {WriterVersionMax}.");
        }

        Refuse(FeaturesOf(protocol), Writable, "write");
    }

    /// <summary>Every writer feature of a protocol, those that a legacy version implies included.</summary>
    public static IEnumerable<string> FeaturesOf(Protocol protocol)
        => protocol.MinWriterVersion == WriterVersionMax
            ? protocol.WriterFeatures ?? []
            : LegacyFeatures(protocol.MinWriterVersion);

    /// <summary>The features that a legacy writer version implies.</summary>
    public static IEnumerable<string> LegacyFeatures(int version) => LegacyWriter.Where(f => f.Version <= version).Select(f => f.Feature);

    /// <summary>The legacy writer version that brings a feature, or null where only a feature list can.</summary>
    public static int? LegacyVersion(string feature)
        => LegacyWriter.FirstOrDefault(f => f.Feature == feature) is { Version: > 0 } legacy ? legacy.Version : null;

    public static bool Has(Protocol protocol, string feature) => FeaturesOf(protocol).Contains(feature);

    private static void Refuse(IEnumerable<string> features, HashSet<string> known, string verb)
    {
        var unknown = features.Where(f => !known.Contains(f)).ToArray();
        if (unknown.Length > 0)
        {
            throw DeltaException.Invalid($"The table needs the feature '{string.Join("', '", unknown)}', which this engine cannot {verb}.");
        }
    }
}
