using DataPlatform.Web.Access;
using DataPlatform.Web.Forms;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace DataPlatform.Web.Pages;

/// <summary>A section at its place in a host; metadata of each of its routes.</summary>
internal sealed class ConsoleMount(ConsoleSection section, ConsoleAccess access, RoutePattern path, FormTokens forms)
{
    /// <summary>Event streams at once. Each is a connection that is held.</summary>
    public const int StreamsMax = 256;

    private int _streams;

    public ConsoleSection Section { get; } = section;

    public ConsoleAccess Access { get; } = access;

    public FormTokens Forms { get; } = forms;

    public bool TryEnterStream()
    {
        if (Interlocked.Increment(ref _streams) <= StreamsMax)
        {
            return true;
        }

        LeaveStream();
        return false;
    }

    public void LeaveStream() => Interlocked.Decrement(ref _streams);

    /// <summary>The relative way from the page of a request to the mount, so that links work under any base path.</summary>
    public string RootOf(HttpContext http)
    {
        var depth = SegmentsOf(http).Length - Start(http) - path.PathSegments.Count;
        var ups = depth - (http.Request.Path.Value!.EndsWith('/') && depth > 0 ? 0 : 1);
        return ups <= 0 ? "./" : string.Concat(Enumerable.Repeat("../", ups));
    }

    /// <summary>The absolute path of the mount that serves a request, with the host's base and without a slash at the end.</summary>
    public static string PathOf(HttpContext http)
    {
        var mount = http.GetEndpoint()!.Metadata.GetRequiredMetadata<ConsoleMount>();
        var segments = SegmentsOf(http).Take(mount.Start(http) + mount.Segments);
        return http.Request.PathBase + string.Concat(segments.Select(segment => "/" + Uri.EscapeDataString(segment)));
    }

    /// <summary>The section's current page, as a navigation path.</summary>
    public string PageOf(HttpContext http) => string.Join('/', SegmentsOf(http).Skip(Start(http) + Segments));

    /// <summary>Whether a request asks for the mount itself without the slash that its relative links need.</summary>
    public bool LacksSlash(HttpContext http) =>
        !http.Request.Path.Value!.EndsWith('/') && SegmentsOf(http).Length == Start(http) + Segments;

    private int Segments => path.PathSegments.Count;

    /// <summary>Segments of groups the section itself is in.</summary>
    private int Start(HttpContext http)
    {
        var pattern = ((RouteEndpoint)http.GetEndpoint()!).RoutePattern.PathSegments;
        for (var start = 0; start + Segments <= pattern.Count; start++)
        {
            if (Enumerable.Range(0, Segments).All(i => TextOf(pattern[start + i]) == TextOf(path.PathSegments[i])))
            {
                return start;
            }
        }

        return 0;
    }

    private static string TextOf(RoutePatternPathSegment segment) => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        _ => string.Empty,
    }));

    private static string[] SegmentsOf(HttpContext http) => http.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
