namespace DataPlatform.Kernel.Storage;

/// <summary>The rules of a path in an object store.</summary>
public static class ObjectPath
{
    /// <summary>Refuses a path that is empty, absolute, has an empty, <c>.</c> or <c>..</c> segment, a back slash or a NUL.</summary>
    /// <param name="path">A <c>/</c>-separated path relative to the store's root.</param>
    /// <exception cref="ArgumentException">The path breaks a rule, and so could name something outside the store.</exception>
    public static void Validate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.AsSpan().ContainsAny('\\', '\0'))
        {
            throw new ArgumentException($"'{path}' has a back slash or a NUL: store paths use '/' only.", nameof(path));
        }

        foreach (var range in path.AsSpan().Split('/'))
        {
            if (path.AsSpan(range) is "" or "." or "..")
            {
                throw new ArgumentException($"'{path}' has an empty, '.' or '..' segment: name the object below the store's root.", nameof(path));
            }
        }
    }

    /// <summary>As <see cref="Validate"/>, but allows the empty prefix and one that ends in <c>/</c>.</summary>
    /// <param name="prefix">What the paths to list begin with.</param>
    public static void ValidatePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        var body = prefix.EndsWith('/') ? prefix[..^1] : prefix;
        if (prefix.Length > 0)
        {
            Validate(body);
        }
    }
}
