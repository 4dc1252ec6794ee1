using System.Numerics;

namespace DataPlatform.Quality.Profiles;

/// <summary>Estimates how many different values there are, in 4 KiB, and merges without loss.</summary>
/// <remarks>
/// Flajolet et al. 2007 with 2^12 registers: standard error 1.04 / sqrt(4096) = 1.6 %. Small counts use linear counting; the 64-bit hash needs
/// no correction for large ones. Not thread-safe.
/// </remarks>
public sealed class HyperLogLog
{
    /// <summary>One standard deviation of the estimate, relative: 1.6 %.</summary>
    public const double RelativeError = 0.01625;

    internal const int Registers = 1 << Precision;
    private const int Precision = 12;
    private const double LinearCountingMax = 2.5 * Registers;
    private static readonly double Alpha = 0.7213 / (1 + (1.079 / Registers));

    private readonly byte[] _registers;

    /// <summary>Makes an empty sketch.</summary>
    public HyperLogLog()
        : this(new byte[Registers])
    {
    }

    internal HyperLogLog(byte[] registers) => _registers = registers;

    internal ReadOnlySpan<byte> Bytes => _registers;

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(string value) => AddHash(ValueHash.Of(value));

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    public void Add(double value) => AddHash(ValueHash.Of(value));

    /// <summary>Takes in another sketch: the result is that of one sketch over both inputs.</summary>
    /// <param name="other">The other.</param>
    public void Merge(HyperLogLog other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (var i = 0; i < Registers; i++)
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

        var raw = Alpha * Registers * Registers / sum;
        return raw <= LinearCountingMax && empty > 0 ? Registers * Math.Log((double)Registers / empty) : raw;
    }

    private void AddHash(ulong hash)
    {
        var register = hash >> (64 - Precision);
        var rest = (hash << Precision) | (1UL << (Precision - 1));
        var rank = (byte)(BitOperations.LeadingZeroCount(rest) + 1);
        if (rank > _registers[register])
        {
            _registers[register] = rank;
        }
    }
}
