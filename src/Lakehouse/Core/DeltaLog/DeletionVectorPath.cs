namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Where a deletion vector of storage type <c>u</c> lies: an optional folder, then a name made of the UUID (protocol section "Deletion Vectors").</summary>
internal static class DeletionVectorPath
{
    private const int EncodedUuidLength = 20;

    public static string InStore(DeletionVectorDescriptor vector)
    {
        var text = vector.PathOrInlineDv;
        if (text.Length < EncodedUuidLength)
        {
            throw new DeltaException(Kernel.ErrorKind.Corrupt, $"The deletion vector path '{text}' is too short to hold a UUID.");
        }

        var folder = text[..^EncodedUuidLength];
        var uuid = new Guid(Z85.Decode(text[^EncodedUuidLength..]), bigEndian: true);
        return DataPath.InStore((folder.Length > 0 ? folder + "/" : string.Empty) + $"deletion_vector_{uuid:D}.bin");
    }

    public static string Encode(Guid uuid, string folder = "") => folder + Z85.Encode(uuid.ToByteArray(bigEndian: true));
}
