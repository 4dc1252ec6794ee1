using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace DataPlatform.Quality.Alerts;

/// <summary>Posts messages as JSON to an address, signed.</summary>
/// <remarks>
/// The header <c>X-Signature-256</c> is <c>sha256=</c> and the hex HMAC-SHA-256 of <c>timestamp.body</c> under the shared secret, the header
/// <c>X-Signature-Timestamp</c> the Unix second: <see cref="IsGenuine"/> refuses what was sent before and is sent again later than its
/// tolerance; what is sent again within it has the same message ids, which are signed with the body, so a receiver drops ids it has seen. The header
/// <c>Idempotency-Key</c> is the same for the same messages. Thread-safe.
/// </remarks>
/// <param name="client">The client; stays the caller's.</param>
/// <param name="address">Where to.</param>
/// <param name="secret">The shared secret.</param>
/// <param name="time">The clock of the signature; the system's when null.</param>
public sealed class WebhookNotifier(HttpClient client, Uri address, string secret, TimeProvider? time = null) : INotifier
{
    private const string Prefix = "sha256=";
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <inheritdoc/>
    public ValueTask SendAsync(IReadOnlyList<AlertMessage> messages, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var body = JsonSerializer.SerializeToUtf8Bytes([.. messages], AlertJson.Default.AlertMessageArray);
        var timestamp = _time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var ids = Encoding.UTF8.GetBytes(string.Join('\n', messages.Select(m => m.Id)));
        (string, string)[] headers =
        [
            ("X-Signature-Timestamp", timestamp),
            ("X-Signature-256", Prefix + Sign(secret, timestamp, body)),
            ("Idempotency-Key", Convert.ToHexStringLower(SHA256.HashData(ids))),
        ];
        return PostedJson.SendAsync(client, address, body, headers, cancellationToken);
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

    /// <summary>Whether a received body was signed with the secret, lately.</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="timestamp">The header <c>X-Signature-Timestamp</c>.</param>
    /// <param name="body">The body's bytes.</param>
    /// <param name="signature">The header <c>X-Signature-256</c>.</param>
    /// <param name="now">The receiver's time.</param>
    /// <param name="tolerance">How far the timestamp may be off either way, for example 5 min.</param>
    public static bool IsGenuine(string secret, string? timestamp, ReadOnlySpan<byte> body, string? signature, DateTimeOffset now, TimeSpan tolerance)
    {
        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            || Math.Abs(now.ToUnixTimeSeconds() - (double)second) > tolerance.TotalSeconds)
        {
            return false;
        }

        // In constant time, so that the answer's delay tells nothing of the signature.
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Prefix + Sign(secret, timestamp, body)), Encoding.ASCII.GetBytes(signature ?? string.Empty));
    }
}
