namespace DataPlatform.ResourceScheduler.Resources;

/// <summary>Named amounts besides CPU, memory and GPU, sorted by name. Immutable; absent means zero.</summary>
internal sealed class ResourceExtras
{
    private readonly string[] _names;
    private readonly long[] _amounts;

    private ResourceExtras(string[] names, long[] amounts)
    {
        _names = names;
        _amounts = amounts;
    }

    public ReadOnlySpan<string> Names => _names;

    public static ResourceExtras? From(IEnumerable<KeyValuePair<string, long>>? amounts)
    {
        if (amounts is null)
        {
            return null;
        }

        var kept = amounts.Where(pair => pair.Value != 0).OrderBy(pair => pair.Key, StringComparer.Ordinal).ToArray();
        return kept.Length == 0 ? null : new ResourceExtras([.. kept.Select(pair => pair.Key)], [.. kept.Select(pair => pair.Value)]);
    }

    public static long Amount(ResourceExtras? extras, string name)
    {
        if (extras is null)
        {
            return 0;
        }

        var index = Array.BinarySearch(extras._names, name, StringComparer.Ordinal);
        return index < 0 ? 0 : extras._amounts[index];
    }

    /// <summary>Applies <paramref name="combine"/> name by name; the result drops zeros.</summary>
    public static ResourceExtras? Combine(ResourceExtras? left, ResourceExtras? right, Func<long, long, long> combine)
    {
        if (left is null && right is null)
        {
            return null;
        }

        var names = new SortedSet<string>(StringComparer.Ordinal);
        names.UnionWith(left?._names ?? []);
        names.UnionWith(right?._names ?? []);
        return From(names.Select(name => KeyValuePair.Create(name, combine(Amount(left, name), Amount(right, name)))));
    }

    /// <summary>Whether every amount of <paramref name="left"/> is at most that of <paramref name="right"/>.</summary>
    public static bool AtMost(ResourceExtras? left, ResourceExtras? right)
    {
        if (ReferenceEquals(left, right))
        {
            return true;
        }

        for (var i = 0; i < (left?._names.Length ?? 0); i++)
        {
            if (left!._amounts[i] > Amount(right, left._names[i]))
            {
                return false;
            }
        }

        for (var i = 0; i < (right?._names.Length ?? 0); i++)
        {
            if (right!._amounts[i] < Amount(left, right._names[i]))
            {
                return false;
            }
        }

        return true;
    }

    public IEnumerable<KeyValuePair<string, long>> Pairs() => _names.Zip(_amounts, KeyValuePair.Create);
}
