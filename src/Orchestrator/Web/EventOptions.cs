namespace DataPlatform.Orchestrator.Web;

/// <summary>Who may raise events over HTTP. Read once, when the route is mapped.</summary>
public sealed class EventOptions
{
    /// <summary>Secrets by event: <c>whsec_</c> and base64 of 24 to 64 bytes, as the Standard Webhooks specification has it. A request for such an
    /// event must be signed with its secret and may come from anywhere; events without a secret are taken from this machine only.</summary>
    public IDictionary<string, string> Secrets { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Bytes of a request's body; 256 KiB by default.</summary>
    public int BodyBytesMax { get; set; } = 256 * 1024;

    /// <summary>How far a signature's time may lie from the present, either way; 5 minutes by default.</summary>
    public TimeSpan Tolerance { get; set; } = TimeSpan.FromMinutes(5);
}
