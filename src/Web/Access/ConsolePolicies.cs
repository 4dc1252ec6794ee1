namespace DataPlatform.Web.Access;

/// <summary>Names of what <c>AddConsoleAccess</c> registers.</summary>
public static class ConsolePolicies
{
    /// <summary>The policy to look.</summary>
    public const string Viewer = "dataplatform-viewer";

    /// <summary>The policy to act.</summary>
    public const string Operator = "dataplatform-operator";

    /// <summary>The policy to change settings.</summary>
    public const string Admin = "dataplatform-admin";

    /// <summary>The default authentication scheme: an API key where the request has one, else the session.</summary>
    public const string Scheme = "DataPlatform";

    /// <summary>The scheme of sessions: the one an OpenID Connect handler signs in to.</summary>
    public const string SessionScheme = "DataPlatform.Session";

    /// <summary>The scheme of API keys.</summary>
    public const string ApiKeyScheme = "DataPlatform.ApiKey";

    /// <summary>The claim with the <see cref="AccessRole"/> of an API key.</summary>
    internal const string RoleClaim = "dataplatform:role";

    /// <summary>The claim that ties a session to the API key it was opened with.</summary>
    internal const string KeyClaim = "dataplatform:key";
}
