using System.Security.Cryptography;
using System.Text;
using DataPlatform.Kernel;
using DataPlatform.Quality.Metrics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Partition states as bytes, little-endian; see <c>docs/formats/quality-partition-state.md</c>.</summary>
public static class StateBytes
{
    private const uint Magic = 0x53_51_50_44;
    private const byte Version = 2;
    private const byte VersionWithoutMetrics = 1;

    /// <summary>Writes a state.</summary>
    /// <param name="state">The state.</param>
    public static byte[] Write(PartitionState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer, Encoding.UTF8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(ValueHash.Id);
        writer.Write(state.Partition);
        writer.Write(state.Columns.Count);
        foreach (var column in state.Columns)
        {
            Write(writer, column);
        }

        writer.Write(state.Engine);
        writer.Write(state.Metrics.Count);
        foreach (var (key, value) in state.Metrics.OrderBy(m => m.Key, StringComparer.Ordinal))
        {
            writer.Write(key);
            ValueBytes.Write(writer, value);
        }

        writer.Flush();
        writer.Write(SHA256.HashData(buffer.ToArray()));
        writer.Flush();
        return buffer.ToArray();
    }

    /// <summary>Reads a state.</summary>
    /// <param name="bytes">What <see cref="Write(PartitionState)"/> made.</param>
    /// <exception cref="QualityException">The bytes are damaged, or of a version or hash this one cannot merge.</exception>
    public static PartitionState Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var body = bytes[..^SHA256.HashSizeInBytes];
            if (!SHA256.HashData(body.Span).AsSpan().SequenceEqual(bytes.Span[body.Length..]))
            {
                throw Damaged("its checksum does not fit");
            }

            using var reader = new BinaryReader(new MemoryStream(body.ToArray()), Encoding.UTF8);
            var (magic, version, hash) = (reader.ReadUInt32(), reader.ReadByte(), reader.ReadByte());
            if (magic != Magic || version is not (Version or VersionWithoutMetrics) || hash != ValueHash.Id)
            {
                throw Damaged($"it is of version {version} and hash {hash}; this program reads versions up to {Version} and hash {ValueHash.Id}");
            }

            var partition = reader.ReadString();
            var state = new PartitionState(partition, [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadColumn(reader))]);
            return version == VersionWithoutMetrics ? state : state with { Engine = reader.ReadString(), Metrics = ReadMetrics(reader) };
        }
        catch (Exception e) when (e is EndOfStreamException or ArgumentException or IOException)
        {
            throw Damaged("it ends too early", e);
        }
    }

    private static Dictionary<string, object?> ReadMetrics(BinaryReader reader)
    {
        Dictionary<string, object?> metrics = new(StringComparer.Ordinal);
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            var key = reader.ReadString();
            metrics[key] = ValueBytes.Read(reader);
        }

        return metrics;
    }

    private static void Write(BinaryWriter writer, ColumnState column)
    {
        writer.Write(column.Name);
        writer.Write(column.Type);
        writer.Write((byte)column.Family);
        writer.Write(column.Rows);
        writer.Write(column.Nulls);
        writer.Write(column.NotFinite);
        ValueBytes.Write(writer, column.Moments);
        writer.Write(column.Distinct.Bytes);
        writer.Write(column.Quantiles.Compactions);
        writer.Write(column.Quantiles.Levels.Count);
        foreach (var level in column.Quantiles.Levels)
        {
            writer.Write(level.Count);
            level.ForEach(writer.Write);
        }

        Write(writer, column.Top);
        Write(writer, column.Patterns);
    }

    private static void Write(BinaryWriter writer, TopValues values)
    {
        writer.Write(values.ErrorMax);
        writer.Write(values.Counts.Count);
        foreach (var (value, count) in values.Counts.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            writer.Write(value);
            writer.Write(count);
        }
    }

    private static ColumnState ReadColumn(BinaryReader reader)
    {
        var (name, type, family) = (reader.ReadString(), reader.ReadString(), (ColumnFamily)reader.ReadByte());
        var (rows, nulls, notFinite) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        var moments = ValueBytes.ReadMoments(reader);
        var registers = reader.ReadBytes(1 << HyperLogLog.DefaultPrecision);
        var compactions = reader.ReadUInt64();
        List<List<double>> levels = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadLevel(reader))];
        return new ColumnState(name, type, family)
        {
            Rows = rows,
            Nulls = nulls,
            NotFinite = notFinite,
            Moments = moments,
            Distinct = new HyperLogLog(registers),
            Quantiles = new QuantileSketch(levels, compactions),
            Top = ReadTop(reader),
            Patterns = ReadTop(reader),
        };
    }

    private static List<double> ReadLevel(BinaryReader reader) => [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadDouble())];

    private static TopValues ReadTop(BinaryReader reader)
    {
        var errorMax = reader.ReadInt64();
        var counts = Enumerable.Range(0, reader.ReadInt32()).ToDictionary(_ => reader.ReadString(), _ => reader.ReadInt64(), StringComparer.Ordinal);
        return new TopValues(counts, errorMax);
    }

    private static QualityException Damaged(string why, Exception? cause = null)
        => new(ErrorKind.Corrupt, $"A stored partition state cannot be used: {why}. Remove it to have the partition read again.", cause);
}
