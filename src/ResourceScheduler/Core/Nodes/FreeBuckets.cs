using System.Numerics;

namespace DataPlatform.ResourceScheduler.Nodes;

/// <summary>Node numbers in buckets by the free amount of one resource.</summary>
internal sealed class FreeBuckets
{
    public const int Count = 64;

    private readonly List<int> _bucketOfNode = [];
    private ulong[] _bits = [];
    private ulong _used;
    private readonly int[] _sizes = new int[Count];
    private int _words;
    private long _width = 1;

    /// <summary>Empties the buckets and sizes them for free amounts up to <paramref name="largest"/>.</summary>
    public void Reset(long largest, int nodes)
    {
        _words = (nodes + 63) / 64;
        _width = Math.Max(1, (largest + Count - 2) / (Count - 1));
        _bits = new ulong[_words * Count];
        _used = 0;
        Array.Clear(_sizes);
        _bucketOfNode.Clear();
        _bucketOfNode.AddRange(Enumerable.Repeat(-1, nodes));
    }

    public int BucketOf(long amount) => amount <= 0 ? 0 : (int)Math.Min(Count - 1, amount / _width);

    /// <summary>The first bucket at or above <paramref name="bucket"/> with a node in it, or -1.</summary>
    public int UsedFrom(int bucket)
    {
        var above = bucket >= Count ? 0 : _used >> bucket;
        return above == 0 ? -1 : bucket + BitOperations.TrailingZeroCount(above);
    }

    /// <summary>The last bucket at or below <paramref name="bucket"/> with a node in it, or -1.</summary>
    public int UsedTo(int bucket)
    {
        var below = bucket < 0 ? 0 : _used << (Count - 1 - bucket);
        return below == 0 ? -1 : bucket - BitOperations.LeadingZeroCount(below);
    }

    public int First(int bucket) => Next(bucket, -1);

    /// <summary>The next node number after <paramref name="node"/> in the bucket, or -1.</summary>
    public int Next(int bucket, int node)
    {
        var from = node + 1;
        var word = from >> 6;
        if (word >= _words)
        {
            return -1;
        }

        var start = bucket * _words;
        var bits = _bits[start + word] & (ulong.MaxValue << (from & 63));
        while (bits == 0)
        {
            if (++word == _words)
            {
                return -1;
            }

            bits = _bits[start + word];
        }

        return (word << 6) + BitOperations.TrailingZeroCount(bits);
    }

    /// <summary>As <see cref="Next(int, int)"/>, among the nodes that also lie in a bucket of another resource.</summary>
    public int Next(int bucket, int node, FreeBuckets other, int otherBucket)
    {
        var from = node + 1;
        var (start, otherStart) = (bucket * _words, otherBucket * _words);
        for (var word = from >> 6; word < _words; word++)
        {
            var bits = _bits[start + word] & other._bits[otherStart + word];
            bits = word == from >> 6 ? bits & (ulong.MaxValue << (from & 63)) : bits;
            if (bits != 0)
            {
                return (word << 6) + BitOperations.TrailingZeroCount(bits);
            }
        }

        return -1;
    }

    public void Place(int node, long free)
    {
        var bucket = BucketOf(free);
        if (_bucketOfNode[node] != bucket)
        {
            Remove(node);
            _bucketOfNode[node] = bucket;
            _bits[(bucket * _words) + (node >> 6)] |= 1UL << (node & 63);
            _sizes[bucket]++;
            _used |= 1UL << bucket;
        }
    }

    public void Remove(int node)
    {
        var bucket = _bucketOfNode[node];
        if (bucket >= 0)
        {
            _bucketOfNode[node] = -1;
            _bits[(bucket * _words) + (node >> 6)] &= ~(1UL << (node & 63));
            if (--_sizes[bucket] == 0)
            {
                _used &= ~(1UL << bucket);
            }
        }
    }
}
