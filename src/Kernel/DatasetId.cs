namespace DataPlatform.Kernel;

/// <summary>The name of a dataset as engines pass it between each other: <c>lake/arrivals</c>.</summary>
/// <remarks>Compared ordinally. Segments are separated by <c>/</c>; 1 to 512 characters, no control characters, no empty segment.</remarks>
public readonly record struct DatasetId
{
    private const int LengthMax = 512;
    private readonly string? _name;

    /// <summary>Names a dataset.</summary>
    /// <param name="name">The name, for example <c>lake/arrivals</c>.</param>
    /// <exception cref="ArgumentException">The name is empty, too long, or has an empty segment or a control character.</exception>
    public DatasetId(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        if (name.Length > LengthMax || name.Any(char.IsControl) || name.Split('/').Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException(
                $"'{name}' is no dataset name: it needs 1 to {LengthMax} characters in non-empty segments separated by '/'.", nameof(name));
        }

        _name = name;
    }

    /// <summary>The name; empty only for the default value.</summary>
    public string Name => _name ?? string.Empty;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
