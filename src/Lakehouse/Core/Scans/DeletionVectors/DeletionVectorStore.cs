using System.Buffers.Binary;
using DataPlatform.Kernel;
using DataPlatform.Kernel.Storage;
using DataPlatform.Lakehouse.DeltaLog;

namespace DataPlatform.Lakehouse.Scans.DeletionVectors;

/// <summary>Reads and writes deletion vectors (protocol section "Deletion Vectors").</summary>
/// <remarks>
/// A vector file: byte 0 is the version, 1; then per vector, big-endian: u32 length, the data, u32 CRC-32 of the data. A descriptor's offset
/// points at the length.
/// </remarks>
internal static class DeletionVectorStore
{
    private const byte FileVersion = 1;
    private const int InlineBytesMax = 256;

    /// <summary>The deleted rows of a file; checked by size, checksum and cardinality.</summary>
    /// <exception cref="DeltaException">The vector is missing or damaged.</exception>
    public static async ValueTask<RowSet> ReadAsync(IObjectStore store, DeletionVectorDescriptor? vector, CancellationToken cancellationToken)
    {
        if (vector is null)
        {
            return RowSet.Empty;
        }

        var name = vector.StorageType == "i" ? "an inline deletion vector" : vector.PathOrInlineDv;
        try
        {
            var data = vector.StorageType switch
            {
                "i" => Inline(vector),
                "u" => await FromFileAsync(store, DeletionVectorPath.InStore(vector), vector, cancellationToken).ConfigureAwait(false),
                "p" => await FromFileAsync(store, AbsolutePath.InStore(store, vector.PathOrInlineDv), vector, cancellationToken).ConfigureAwait(false),
                _ => throw new InvalidDataException($"its storage type '{vector.StorageType}' is not known"),
            };
            var rows = RoaringCodec.Decode(data.Span);
            return rows.Count == vector.Cardinality ? rows
                : throw new InvalidDataException($"it deletes {rows.Count} rows, and the log says {vector.Cardinality}");
        }
        catch (Exception e) when (e is InvalidDataException or OverflowException)
        {
            throw DeltaException.Corrupt(name, $"the deletion vector cannot be used: {e.Message}", e);
        }
        catch (StorageException e) when (e.Kind != ErrorKind.Unavailable)
        {
            throw DeltaException.Corrupt(name, $"the deletion vector cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Writes the vectors of several files into one vector file; small ones go into the log itself.</summary>
    /// <returns>A descriptor for each set of rows, in order.</returns>
    public static async ValueTask<IReadOnlyList<DeletionVectorDescriptor>> WriteAsync(
        IObjectStore store, IReadOnlyList<RowSet> vectors, CancellationToken cancellationToken)
    {
        var id = Guid.NewGuid();
        using var buffer = new MemoryStream();
        buffer.WriteByte(FileVersion);
        var descriptors = new DeletionVectorDescriptor[vectors.Count];
        for (var i = 0; i < descriptors.Length; i++)
        {
            var data = RoaringCodec.Encode(vectors[i]);
            descriptors[i] = data.Length <= InlineBytesMax
                ? new DeletionVectorDescriptor("i", Z85.Encode(data), data.Length, vectors[i].Count)
                : new DeletionVectorDescriptor("u", DeletionVectorPath.Encode(id), data.Length, vectors[i].Count, Append(buffer, data));
        }

        if (descriptors.FirstOrDefault(d => d.StorageType == "u") is { } stored)
        {
            await store.PutAsync(DeletionVectorPath.InStore(stored), buffer.ToArray(), cancellationToken).ConfigureAwait(false);
        }

        return descriptors;
    }

    private static ReadOnlyMemory<byte> Inline(DeletionVectorDescriptor vector)
    {
        var bytes = Z85.Decode(vector.PathOrInlineDv);
        return vector.SizeInBytes <= bytes.Length && bytes.Length - vector.SizeInBytes < 4
            ? bytes.AsMemory(0, vector.SizeInBytes)
            : throw new InvalidDataException($"it holds {bytes.Length} bytes, and the log says {vector.SizeInBytes}");
    }

    private static async ValueTask<ReadOnlyMemory<byte>> FromFileAsync(
        IObjectStore store, string path, DeletionVectorDescriptor vector, CancellationToken cancellationToken)
    {
        var framed = await store.GetRangeAsync(path, vector.Offset ?? 1, vector.SizeInBytes + 8, cancellationToken).ConfigureAwait(false);
        var size = BinaryPrimitives.ReadInt32BigEndian(framed.Span);
        if (size != vector.SizeInBytes)
        {
            throw new InvalidDataException($"'{path}' says {size} bytes at offset {vector.Offset}, and the log {vector.SizeInBytes}");
        }

        var data = framed.Slice(4, size);
        return Crc32.Of(data.Span) == BinaryPrimitives.ReadUInt32BigEndian(framed.Span[(4 + size)..]) ? data
            : throw new InvalidDataException($"'{path}' has a wrong checksum at offset {vector.Offset}");
    }

    private static int Append(MemoryStream file, byte[] data)
    {
        var offset = (int)file.Position;
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, Crc32.Of(data));
        file.Write(word);
        return offset;
    }
}
