namespace DataPlatform.TestKit.DeltaTables;

/// <summary>What a judge found; each entry names the file, the line and the rule.</summary>
public sealed class Violations
{
    private const int ShownMax = 20;
    private readonly List<string> _found = [];
    private string _where = string.Empty;

    /// <summary>Everything found.</summary>
    public IReadOnlyList<string> Found => _found;

    internal void At(string where) => _where = where;

    internal void Add(string what) => _found.Add($"{_where}: {what}");

    internal void Unless(bool holds, string what)
    {
        if (!holds)
        {
            Add(what);
        }
    }

    /// <summary>Fails with all that was found, where anything was.</summary>
    /// <exception cref="InvalidDataException">A rule is broken.</exception>
    public void ThrowIfAny()
    {
        if (_found.Count > 0)
        {
            var shown = string.Join("\n  ", _found.Take(ShownMax));
            throw new InvalidDataException($"The log breaks {_found.Count} rules of the Delta protocol:\n  {shown}");
        }
    }
}
