using System.Text;

namespace DataPlatform.Lakehouse.DeltaLog;

/// <summary>Paths of data files as the log spells them: percent-encoded once, relative to the table's root or an absolute URI.</summary>
internal static class DataPath
{
    /// <summary>One spelling for all forms of one path: percent-decoded, and <c>file:/x</c>, <c>file:///x</c> and <c>/x</c> are the same file.</summary>
    public static string Canonical(string path)
    {
        var scheme = SchemeLength(path);
        var decoded = path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path;
        if (scheme < 0)
        {
            return decoded;
        }

        var body = decoded[(scheme + 1)..];
        if (!path.AsSpan(0, scheme).Equals("file", StringComparison.OrdinalIgnoreCase))
        {
            return decoded;
        }

        return body.StartsWith("//", StringComparison.Ordinal) ? "/" + body.TrimStart('/') : body;
    }

    /// <summary>Whether a path names a place of its own instead of one below the table's root.</summary>
    public static bool IsAbsolute(string path) => path.StartsWith('/') || SchemeLength(path) >= 0;

    /// <summary>The path of a relative one in the table's store.</summary>
    /// <exception cref="DeltaException">The path leaves the table's root.</exception>
    public static string InStore(string path)
    {
        var decoded = Canonical(path);
        try
        {
            Kernel.Storage.ObjectPath.Validate(decoded);
            return decoded;
        }
        catch (ArgumentException e)
        {
            throw new DeltaException(
                Kernel.ErrorKind.Corrupt, $"The log names the file '{path}', which is not below the table's root; such a table is refused.", e);
        }
    }

    /// <summary>The log's spelling of a path in the store.</summary>
    public static string Encode(string storePath)
    {
        var text = new StringBuilder(storePath.Length);
        foreach (var part in Encoding.UTF8.GetBytes(storePath))
        {
            var plain = char.IsAsciiLetterOrDigit((char)part) || "-_.~/=+,@!$&'()*;:".Contains((char)part, StringComparison.Ordinal);
            _ = plain ? text.Append((char)part) : text.Append('%').Append(part.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }

    private static int SchemeLength(string path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            var c = path[i];
            if (c == ':')
            {
                return i > 0 && char.IsAsciiLetter(path[0]) && path.AsSpan(i + 1).StartsWith("/") ? i : -1;
            }

            if (!char.IsAsciiLetterOrDigit(c) && c is not '+' and not '-' and not '.')
            {
                return -1;
            }
        }

        return -1;
    }
}
