namespace DataPlatform.Web.Access;

/// <summary>Who may use a mounted section. Immutable.</summary>
public sealed class ConsoleAccess
{
    private readonly string[]? _policies;

    private ConsoleAccess(string[]? policies) => _policies = policies;

    /// <summary>Only callers on this machine, without log-in; they may do everything. The default.</summary>
    /// <remarks>
    /// A request is refused when its address is not a loopback one, when it came through a proxy (which makes far callers look near), or when it
    /// asks for a host name that is not this machine's (which is how a foreign page reaches a loopback port by rebinding its name).
    /// </remarks>
    public static ConsoleAccess LoopbackOnly { get; } = new(null);

    /// <summary>The policies that <c>AddConsoleAccess</c> registers: API keys and whatever log-in its options name.</summary>
    public static ConsoleAccess LoggedIn { get; } = Policies(ConsolePolicies.Viewer, ConsolePolicies.Operator, ConsolePolicies.Admin);

    /// <summary>Authorization policies of the host.</summary>
    /// <param name="viewer">The policy to look.</param>
    /// <param name="operator">The policy to act; null: the viewer's.</param>
    /// <param name="admin">The policy to change settings; null: the operator's.</param>
    public static ConsoleAccess Policies(string viewer, string? @operator = null, string? admin = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(viewer);
        return new([viewer, @operator ?? viewer, admin ?? @operator ?? viewer]);
    }

    /// <summary>Whether no log-in is needed and only this machine is served.</summary>
    public bool IsLoopbackOnly => _policies is null;

    /// <summary>The policy for a role; null where this machine's callers may do everything.</summary>
    internal string? PolicyFor(AccessRole role) => _policies?[(int)role];
}
