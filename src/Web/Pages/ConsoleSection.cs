namespace DataPlatform.Web.Pages;

/// <summary>What a mounted engine is called and where its pages are.</summary>
public sealed record ConsoleSection
{
    /// <summary>The name in the page's head.</summary>
    public required string Name { get; init; }

    /// <summary>The navigation, in order.</summary>
    public IReadOnlyList<NavLink> Nav { get; init; } = [];

    /// <summary>The path, from the mount on, of the event stream that makes pages load themselves again; null for none.</summary>
    public string? Live { get; init; }

    /// <summary>Other sections of the host, with paths from the host's base on, for example <c>quality/</c>.</summary>
    public IReadOnlyList<NavLink> Neighbours { get; init; } = [];
}
