using DataPlatform.ResourceScheduler.Queues;

namespace DataPlatform.ResourceScheduler.Configuration;

/// <summary>Small notations of YARN's files: resources, access lists.</summary>
internal static class YarnText
{
    private const int MillisPerCore = 1000;

    /// <summary><c>users groups</c>: two lists by commas with a blank between them; <c>*</c> is everybody, a blank alone nobody.</summary>
    public static AccessList Access(string text)
    {
        if (text.Trim() == "*")
        {
            return AccessList.Everybody;
        }

        var blank = text.IndexOf(' ', StringComparison.Ordinal);
        var (users, groups) = blank < 0 ? (text, "") : (text[..blank], text[(blank + 1)..]);
        return new AccessList(Names(users)) { Groups = Names(groups) };
    }

    public static string[] Names(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary><c>[memory=1024,vcores=2]</c> or <c>vcores=2, memory-mb=1024</c>: amounts by name. Units of memory may follow the
    /// number.</summary>
    public static ResourceVector Amounts(string text, int line, string what, ResourceVector absent)
    {
        var result = absent;
        var extras = new List<KeyValuePair<string, long>>();
        foreach (var part in text.Trim().TrimStart('[').TrimEnd(']').Split(',', StringSplitOptions.RemoveEmptyEntries
            | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw XmlText.Wrong(text, line, what, "amounts such as memory=1024,vcores=2");
            }

            var (name, value) = (part[..equals].Trim(), part[(equals + 1)..].Trim());
            result = Set(result, name, value, line, what, extras);
        }

        return Joined(result, extras);
    }

    /// <summary><c>1024 mb, 2 vcores</c>: amounts with their unit behind.</summary>
    public static ResourceVector Units(string text, int line, string what, ResourceVector absent)
    {
        if (text.Contains('=', StringComparison.Ordinal))
        {
            return Amounts(text, line, what, absent);
        }

        var result = absent;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var digits = part.TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or '-').Count();
            var name = part[digits..].Trim();
            result = name.ToUpperInvariant() switch
            {
                "MB" or "MEMORY" => Set(result, "memory", part[..digits], line, what, []),
                "VCORES" or "VCORE" or "CPU" => Set(result, "vcores", part[..digits], line, what, []),
                _ => throw XmlText.Wrong(text, line, what, "amounts such as '1024 mb, 2 vcores'"),
            };
        }

        return result;
    }

    /// <summary><c>50%</c> or <c>50% memory, 50% cpu</c>: the smallest of the fractions.</summary>
    public static double Fraction(string text, int line, string what)
        => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(part => XmlText.Number(part[..Math.Max(0, part.IndexOf('%', StringComparison.Ordinal))].Split('=')[^1], line,
                what) / 100)
            .DefaultIfEmpty(0).Min();

    private static ResourceVector Set(ResourceVector vector, string name, string value, int line, string what,
        List<KeyValuePair<string, long>> extras)
    {
        var digits = value.TakeWhile(c => char.IsAsciiDigit(c) || c is '.' or '-').Count();
        var amount = XmlText.Number(value[..digits], line, $"{what} ({name})");
        if (amount < 0)
        {
            throw XmlText.Wrong(value, line, $"{what} ({name})", "an amount of zero or more");
        }

        switch (name)
        {
            case "memory" or "memory-mb":
                return vector with { MemoryMiB = (long)(amount * MiBOf(value[digits..].Trim(), line, what)) };
            case "vcores" or "cpu":
                return vector with { CpuMillis = (long)(amount * MillisPerCore) };
            case "yarn.io/gpu" or "gpu":
                return vector with { GpuMillis = (long)(amount * Nodes.GpuDevices.DeviceMillis) };
            default:
                extras.Add(KeyValuePair.Create(name, (long)amount));
                return vector;
        }
    }

    private static double MiBOf(string unit, int line, string what) => unit.ToUpperInvariant() switch
    {
        "" or "M" or "MI" or "MB" or "MIB" => 1,
        "G" or "GI" or "GB" or "GIB" => 1024,
        "T" or "TI" or "TB" or "TIB" => 1024 * 1024,
        _ => throw XmlText.Wrong(unit, line, what, "a unit of memory (M, G, T)"),
    };

    private static ResourceVector Joined(ResourceVector plain, List<KeyValuePair<string, long>> extras)
        => extras.Count == 0 ? plain
            : new ResourceVector(plain.CpuMillis, plain.MemoryMiB, plain.GpuMillis, extras);
}
