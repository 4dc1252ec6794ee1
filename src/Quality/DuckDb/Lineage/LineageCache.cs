using System.Security.Cryptography;
using System.Text;
using DataPlatform.Quality.Lineage;

namespace DataPlatform.Quality.DuckDb.Lineage;

/// <summary>Lineage of statements by a hash of their text without its layout, for one state of the catalog. Not thread-safe.</summary>
/// <remarks>Two generations: when the young one is full it becomes the old one, and what the old one held and nobody asked for is forgotten.</remarks>
internal sealed class LineageCache(int entriesMax)
{
    private readonly int _half = Math.Max(1, entriesMax / 2);
    private Dictionary<UInt128, StatementLineage> _young = [];
    private Dictionary<UInt128, StatementLineage> _old = [];
    private long _state;

    /// <summary>The key of a statement: its tokens, whatever stands between them.</summary>
    public static UInt128 KeyOf(string sql)
    {
        var text = new StringBuilder(sql.Length);
        foreach (var token in SqlScanner.Tokens(sql))
        {
            text.Append(sql, token.Start, token.End - token.Start).Append('\n');
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    /// <summary>What is known of a statement; forgets everything when the catalog has changed.</summary>
    public StatementLineage? Find(UInt128 key, long state)
    {
        if (state != _state)
        {
            (_state, _young, _old) = (state, [], []);
        }

        if (_young.TryGetValue(key, out var found))
        {
            return found;
        }

        if (_old.TryGetValue(key, out found))
        {
            Put(key, found);
        }

        return found;
    }

    public void Put(UInt128 key, StatementLineage lineage)
    {
        if (_young.Count >= _half)
        {
            (_old, _young) = (_young, []);
        }

        _young[key] = lineage;
    }
}
