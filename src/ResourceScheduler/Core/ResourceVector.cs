using System.Globalization;
using DataPlatform.ResourceScheduler.Resources;

namespace DataPlatform.ResourceScheduler;

/// <summary>Amounts of resources: CPU in millicores, memory in MiB, GPU in thousandths of a device, and any named extras in whole
/// units.</summary>
/// <remarks>
/// Immutable. Whole numbers only, so that sums never drift. What a caller builds is never negative; a difference may be, where it says
/// what is missing.
/// </remarks>
public readonly struct ResourceVector : IEquatable<ResourceVector>
{
    private readonly ResourceExtras? _extras;

    /// <summary>Names the amounts.</summary>
    /// <param name="cpuMillis">CPU in millicores: 1000 is one core.</param>
    /// <param name="memoryMiB">Memory in MiB.</param>
    /// <param name="gpuMillis">GPU in thousandths: below 1000 is a share of one device, above it only whole devices can be placed.</param>
    /// <param name="extras">Further resources by name.</param>
    /// <exception cref="ArgumentOutOfRangeException">An amount is negative.</exception>
    public ResourceVector(long cpuMillis, long memoryMiB, long gpuMillis = 0, IEnumerable<KeyValuePair<string, long>>? extras = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cpuMillis);
        ArgumentOutOfRangeException.ThrowIfNegative(memoryMiB);
        ArgumentOutOfRangeException.ThrowIfNegative(gpuMillis);
        CpuMillis = cpuMillis;
        MemoryMiB = memoryMiB;
        GpuMillis = gpuMillis;
        _extras = ResourceExtras.From(extras);
        if (_extras is not null)
        {
            foreach (var (name, amount) in _extras.Pairs())
            {
                ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(extras));
                ArgumentOutOfRangeException.ThrowIfNegative(amount, name);
            }
        }
    }

    private ResourceVector(long cpuMillis, long memoryMiB, long gpuMillis, ResourceExtras? extras)
    {
        CpuMillis = cpuMillis;
        MemoryMiB = memoryMiB;
        GpuMillis = gpuMillis;
        _extras = extras;
    }

    /// <summary>Nothing of anything.</summary>
    public static ResourceVector Zero => default;

    /// <summary>No bound on CPU, memory or GPU; the start of a maximum that bounds only some of them by <c>with</c>.</summary>
    public static ResourceVector Unbounded => new(long.MaxValue, long.MaxValue, long.MaxValue, (ResourceExtras?)null);

    /// <summary>CPU in millicores.</summary>
    public long CpuMillis { get; init; }

    /// <summary>Memory in MiB.</summary>
    public long MemoryMiB { get; init; }

    /// <summary>GPU in thousandths of a device.</summary>
    public long GpuMillis { get; init; }

    /// <summary>The named extras, by name.</summary>
    public IEnumerable<KeyValuePair<string, long>> Extras => _extras?.Pairs() ?? [];

    /// <summary>Whether every amount is zero.</summary>
    public bool IsZero => CpuMillis == 0 && MemoryMiB == 0 && GpuMillis == 0 && _extras is null;

    internal bool HasExtras => _extras is not null;

    /// <summary>The amount of a named extra; zero when it is absent.</summary>
    /// <param name="extra">The extra's name.</param>
    public long this[string extra] => ResourceExtras.Amount(_extras, extra);

    /// <summary>The sum, amount by amount.</summary>
    public static ResourceVector operator +(in ResourceVector left, in ResourceVector right) => new(
        left.CpuMillis + right.CpuMillis, left.MemoryMiB + right.MemoryMiB, left.GpuMillis + right.GpuMillis,
        left._extras is null && right._extras is null ? null : ResourceExtras.Combine(left._extras, right._extras, static (a, b) => a + b));

    /// <summary>The difference, amount by amount; negative where <paramref name="right"/> is more.</summary>
    public static ResourceVector operator -(in ResourceVector left, in ResourceVector right) => new(
        left.CpuMillis - right.CpuMillis, left.MemoryMiB - right.MemoryMiB, left.GpuMillis - right.GpuMillis,
        left._extras is null && right._extras is null ? null : ResourceExtras.Combine(left._extras, right._extras, static (a, b) => a - b));

    /// <summary>The amounts <paramref name="times"/> over.</summary>
    public static ResourceVector operator *(in ResourceVector vector, long times) => new(
        vector.CpuMillis * times, vector.MemoryMiB * times, vector.GpuMillis * times,
        vector._extras is null ? null : ResourceExtras.Combine(vector._extras, null, (a, _) => a * times));

    /// <summary>Whether all amounts are the same.</summary>
    public static bool operator ==(in ResourceVector left, in ResourceVector right) => left.Equals(right);

    /// <summary>Whether any amount differs.</summary>
    public static bool operator !=(in ResourceVector left, in ResourceVector right) => !left.Equals(right);

    /// <summary>Whether every amount is at most that of <paramref name="room"/>.</summary>
    /// <param name="room">What there is.</param>
    public bool FitsIn(in ResourceVector room)
        => CpuMillis <= room.CpuMillis && MemoryMiB <= room.MemoryMiB && GpuMillis <= room.GpuMillis
            && ResourceExtras.AtMost(_extras, room._extras);

    /// <summary>The largest share of <paramref name="total"/> over all resources: the dominant share of dominant resource fairness. A
    /// resource that
    /// <paramref name="total"/> lacks counts as infinite when asked for.</summary>
    /// <param name="total">The whole, usually the cluster.</param>
    public double DominantShare(in ResourceVector total)
    {
        var share = Math.Max(Ratio(CpuMillis, total.CpuMillis),
            Math.Max(Ratio(MemoryMiB, total.MemoryMiB), Ratio(GpuMillis, total.GpuMillis)));
        if (_extras is not null)
        {
            foreach (var (name, amount) in _extras.Pairs())
            {
                share = Math.Max(share, Ratio(amount, total[name]));
            }
        }

        return share;
    }

    /// <inheritdoc/>
    public bool Equals(ResourceVector other)
        => CpuMillis == other.CpuMillis && MemoryMiB == other.MemoryMiB && GpuMillis == other.GpuMillis
            && ResourceExtras.AtMost(_extras, other._extras) && ResourceExtras.AtMost(other._extras, _extras);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResourceVector other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(CpuMillis, MemoryMiB, GpuMillis);

    /// <summary>For people: <c>cpu 2000m, memory 2048 MiB, gpu 500m, licence 1</c>.</summary>
    public override string ToString()
    {
        var text = new List<string> { string.Create(CultureInfo.InvariantCulture, $"cpu {CpuMillis}m"),
            string.Create(CultureInfo.InvariantCulture, $"memory {MemoryMiB} MiB") };
        if (GpuMillis != 0)
        {
            text.Add(string.Create(CultureInfo.InvariantCulture, $"gpu {GpuMillis}m"));
        }

        text.AddRange(Extras.Select(extra => string.Create(CultureInfo.InvariantCulture, $"{extra.Key} {extra.Value}")));
        return string.Join(", ", text);
    }

    /// <summary>The smaller of each amount. An extra absent from a side counts as zero there.</summary>
    internal static ResourceVector Min(in ResourceVector left, in ResourceVector right) => new(
        Math.Min(left.CpuMillis, right.CpuMillis), Math.Min(left.MemoryMiB, right.MemoryMiB), Math.Min(left.GpuMillis, right.GpuMillis),
        ResourceExtras.Combine(left._extras, right._extras, Math.Min));

    /// <summary>The larger of each amount.</summary>
    internal static ResourceVector Max(in ResourceVector left, in ResourceVector right) => new(
        Math.Max(left.CpuMillis, right.CpuMillis), Math.Max(left.MemoryMiB, right.MemoryMiB), Math.Max(left.GpuMillis, right.GpuMillis),
        ResourceExtras.Combine(left._extras, right._extras, Math.Max));

    /// <summary>The amounts times a fraction, rounded down; an unbounded amount stays so.</summary>
    internal ResourceVector Scale(double fraction) => new(
        Scale(CpuMillis, fraction), Scale(MemoryMiB, fraction), Scale(GpuMillis, fraction),
        _extras is null ? null : ResourceExtras.Combine(_extras, null, (amount, _) => Scale(amount, fraction)));

    /// <summary>As <see cref="FitsIn"/>, but an extra that <paramref name="bound"/> does not name is not bounded by it.</summary>
    internal bool WithinBound(in ResourceVector bound)
    {
        if (CpuMillis > bound.CpuMillis || MemoryMiB > bound.MemoryMiB || GpuMillis > bound.GpuMillis)
        {
            return false;
        }

        if (_extras is null || bound._extras is null)
        {
            return true;
        }

        foreach (var name in bound._extras.Names)
        {
            if (this[name] > bound[name])
            {
                return false;
            }
        }

        return true;
    }

    private static long Scale(long amount, double fraction) => amount == long.MaxValue ? amount : (long)(amount * fraction);

    private static double Ratio(long amount, long total) => amount <= 0 ? 0 : total <= 0 ? double.PositiveInfinity : (double)amount / total;
}
