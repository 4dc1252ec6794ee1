using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Orchestrator.Web;

/// <summary>HMAC-SHA256 over id, time and body, as <c>v1</c> of Standard Webhooks (standardwebhooks.com, section "Webhook signatures").</summary>
internal static class EventSignature
{
    private const string SecretPrefix = "whsec_";

    /// <summary>The key of a secret.</summary>
    /// <exception cref="ArgumentException">It is no secret.</exception>
    public static byte[] KeyOf(string name, string secret)
    {
        var text = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length is >= 24 and <= 64
            ? key[..length]
            : throw new ArgumentException($"the secret of the event '{name}' is not {SecretPrefix} and base64 of 24 to 64 bytes.", nameof(secret));
    }

    /// <summary>Says what is wrong with a signature; null when nothing is.</summary>
    /// <param name="key">The event's key.</param>
    /// <param name="id">The sender's name for the event.</param>
    /// <param name="timestamp">Seconds since 1970 as text.</param>
    /// <param name="signatures">One or more signatures, separated by spaces; one must be right, so that a sender can change its secret.</param>
    /// <param name="body">The body as it came.</param>
    /// <param name="now">The present.</param>
    /// <param name="tolerance">How far the time may be off.</param>
    public static string? Refuse(
        byte[] key, string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now, TimeSpan tolerance)
    {
        if (id.Length == 0 || timestamp.Length == 0 || signatures.Length == 0)
        {
            return "the event must be signed: webhook-id, webhook-timestamp and webhook-signature are needed.";
        }

        if (!long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs((double)now.ToUnixTimeSeconds() - seconds) > tolerance.TotalSeconds)
        {
            return "the time of the signature is too far from the present.";
        }

        var expected = Encoding.ASCII.GetBytes($"v1,{Convert.ToBase64String(Sign(key, id, timestamp, body))}");
        var isRight = false;
        foreach (var signature in signatures.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            isRight |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected);
        }

        return isRight ? null : "the signature is wrong.";
    }

    private static byte[] Sign(byte[] key, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
