using DataPlatform.Web.Access;

namespace DataPlatform.Web.Pages;

/// <summary>What every part of a page may know: a cascading value.</summary>
public sealed record PageContext
{
    /// <summary>The relative way to the mount, for example <c>../</c>; ends with a slash.</summary>
    public required string Root { get; init; }

    /// <summary>The section.</summary>
    public required ConsoleSection Section { get; init; }

    /// <summary>The current page, from the mount on.</summary>
    public required string Path { get; init; }

    /// <summary>Who looks.</summary>
    public required Caller Caller { get; init; }

    /// <summary>What the action before says it did; null for nothing.</summary>
    public string? Notice { get; init; }

    /// <summary>Whether the caller has a session that it can end.</summary>
    public bool HasSession { get; init; }

    /// <summary>The way to the host's base, for links to other sections.</summary>
    public required string Base { get; init; }

    /// <summary>The present, for ages and "in 5 minutes".</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>The anti-forgery field of this page's forms.</summary>
    internal (string Name, string Value) Token { get; init; }

    /// <summary>Whether the caller may do what a role may.</summary>
    /// <param name="role">The role.</param>
    public bool Allows(AccessRole role) => Caller.Role >= role;
}
