using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataPlatform.Quality.Alerts;

/// <summary>Posts messages as JSON to an address, signed.</summary>
/// <remarks>
/// The header <c>X-Signature-256</c> is <c>sha256=</c> and the hex HMAC-SHA-256 of <c>timestamp.body</c> under the shared secret, the header
/// <c>X-Signature-Timestamp</c> the Unix second; a receiver should refuse old ones. Thread-safe.
/// </remarks>
/// <param name="client">The client; stays the caller's.</param>
/// <param name="address">Where to.</param>
/// <param name="secret">The shared secret.</param>
/// <param name="time">The clock of the signature; the system's when null.</param>
public sealed class WebhookNotifier(HttpClient client, Uri address, string secret, TimeProvider? time = null) : INotifier
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var body = JsonSerializer.SerializeToUtf8Bytes([.. messages], AlertJson.Default.AlertMessageArray);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return PostedJson.SendAsync(
            client, address, body, [("X-Signature-Timestamp", timestamp), ("X-Signature-256", "sha256=" + Sign(secret, timestamp, body))], cancellationToken);
    }

    /// <summary>The signature of a body, for receivers that check it.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="timestamp">The header's Unix second.</param>
    /// <param name="body">The body's bytes.</param>
    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes(timestamp + "."), .. body];
        return Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed));
    }
}
