using System.Security.Claims;

namespace DataPlatform.Web.Access;

/// <summary>How callers from elsewhere say who they are.</summary>
public sealed class ConsoleAccessOptions
{
    /// <summary>Keys that are accepted, as <c>Authorization: Bearer</c>, as <c>X-Api-Key</c>, or typed into the log-in page.</summary>
    public IList<ApiKey> ApiKeys { get; } = [];

    /// <summary>
    /// Another log-in that the page offers: the name of a scheme the host registered, for example <c>AddOpenIdConnect("oidc", ...)</c> with
    /// <see cref="ConsolePolicies.SessionScheme"/> as its sign-in scheme. Null: API keys only.
    /// </summary>
    public string? ChallengeScheme { get; set; }

    /// <summary>What the button of <see cref="ChallengeScheme"/> says.</summary>
    public string ChallengeText { get; set; } = "Log in with your organisation";

    /// <summary>
    /// A scheme the host registered that accepts <c>Authorization: Bearer</c> where it is no API key of ours, for example <c>AddJwtBearer("jwt", ...)</c>;
    /// its tokens get roles as people do. Null: API keys only.
    /// </summary>
    public string? BearerScheme { get; set; }

    /// <summary>The claim that tells a person's role, for example <c>groups</c>; <see cref="ClaimTypes.Role"/> by default.</summary>
    public string RoleClaim { get; set; } = ClaimTypes.Role;

    /// <summary>Which role a value of <see cref="RoleClaim"/> gives. Of several the highest counts; with none a person is refused.</summary>
    public IDictionary<string, AccessRole> Roles { get; } = new Dictionary<string, AccessRole>(StringComparer.Ordinal);

    /// <summary>How long a session lasts without use; 8 hours by default.</summary>
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(8);

    /// <summary>The role of a caller; null for none.</summary>
    /// <param name="caller">Who was authenticated.</param>
    internal AccessRole? RoleOf(ClaimsPrincipal caller)
    {
        AccessRole? highest = null;
        foreach (var claim in caller.Claims)
        {
            AccessRole? role = claim.Type == ConsolePolicies.RoleClaim && Enum.TryParse<AccessRole>(claim.Value, out var named) ? named
                : claim.Type == RoleClaim && Roles.TryGetValue(claim.Value, out var mapped) ? mapped
                : null;
            highest = role is null || role < highest ? highest : role;
        }

        return highest;
    }

    /// <summary>Who shows a key, with its role.</summary>
    internal static ClaimsPrincipal PrincipalOf(ApiKey key, string scheme) => new(new ClaimsIdentity(
        [
            new Claim(ClaimTypes.Name, key.Name),
            new Claim(ConsolePolicies.RoleClaim, key.Role.ToString()),
            new Claim(ConsolePolicies.KeyClaim, key.Hash),
        ],
        scheme));

    /// <summary>Whether a session may go on: one that was opened with an API key ends with the key.</summary>
    internal bool IsAlive(ClaimsPrincipal? session) =>
        session?.FindFirst(ConsolePolicies.KeyClaim) is not { } hash
        || ApiKeys.Any(key => key.Hash == hash.Value && session.HasClaim(ConsolePolicies.RoleClaim, key.Role.ToString()));
}
