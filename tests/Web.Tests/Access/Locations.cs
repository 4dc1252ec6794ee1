namespace DataPlatform.Web.Tests.Access;

internal static class Locations
{
    /// <summary>Path and query of a redirect, whether it is relative or not.</summary>
    public static string PathAndQuery(this Uri location) => location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString;
}
