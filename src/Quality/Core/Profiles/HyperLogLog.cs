using System.Numerics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Estimates how many different values there are, in 4 KiB, and merges without loss.</summary>
/// <remarks>
/// Flajolet et al. 2007 with 2^12 registers unless said otherwise: standard error 1.04 / sqrt(4096) = 1.6 %. Small counts use linear counting; the
/// 64-bit hash needs no correction for large ones. Not thread-safe.
/// </remarks>
public sealed class HyperLogLog
{
    /// <summary>One standard deviation of the estimate of a sketch of the default precision, relative: 1.6 %.</summary>
    public const double RelativeError = 0.01625;

    internal const int DefaultPrecision = 12;
    private const double ErrorScale = 1.04;
    private const double LinearCountingShare = 2.5;

    private readonly byte[] _registers;
    private readonly int _precision;

    /// <summary>Makes an empty sketch.</summary>
    /// <param name="precision">The number of registers is 2 to this; 4 to 18, 12 unless said otherwise.</param>
    public HyperLogLog(int precision = DefaultPrecision)
        : this(new byte[1 << Between(precision)])
    {
    }

    /// <summary>Takes over registers; their number is a power of two.</summary>
    internal HyperLogLog(byte[] registers)
    {
        _registers = registers;
        _precision = BitOperations.Log2((uint)registers.Length);
    }

    /// <summary>One standard deviation of the estimate, relative.</summary>
    public double StandardError => ErrorScale / Math.Sqrt(_registers.Length);

    internal ReadOnlySpan<byte> Bytes => _registers;

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(string value) => AddHash(ValueHash.Of(value));

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(double value) => AddHash(ValueHash.Of(value));

    /// <summary>Takes in another sketch: the result is that of one sketch over both inputs.</summary>
    /// <param name="other">The other, of the same precision and hash.</param>
    public void Merge(HyperLogLog other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ArgumentOutOfRangeException.ThrowIfNotEqual(other._precision, _precision, nameof(other));
        for (var i = 0; i < _registers.Length; i++)
        {
            _registers[i] = Math.Max(_registers[i], other._registers[i]);
        }
    }

    /// <summary>The estimate.</summary>
    public double Estimate()
    {
        double sum = 0;
        var empty = 0;
        foreach (var register in _registers)
        {
            sum += Math.ScaleB(1, -register);
            empty += register == 0 ? 1 : 0;
        }

        double count = _registers.Length;
        var raw = 0.7213 / (1 + (1.079 / count)) * count * count / sum;
        return raw <= LinearCountingShare * count && empty > 0 ? count * Math.Log(count / empty) : raw;
    }

    /// <summary>Takes in the hash of a value: its first bits choose the register, the run of zeros after them is what is kept.</summary>
    /// <param name="hash">The hash, of 64 even bits. Sketches of different hashes cannot be merged, and nothing here can tell them apart.</param>
    public void AddHash(ulong hash)
    {
        var register = hash >> (64 - _precision);
        var rest = (hash << _precision) | (1UL << (_precision - 1));
        var rank = (byte)(BitOperations.LeadingZeroCount(rest) + 1);
        if (rank > _registers[register])
        {
            _registers[register] = rank;
        }
    }

    private static int Between(int precision) => precision is >= 4 and <= 18
        ? precision
        : throw new ArgumentOutOfRangeException(nameof(precision), precision, "A sketch has a precision of 4 to 18.");
}
