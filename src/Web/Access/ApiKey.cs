using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Web.Access;

/// <summary>A key that programs, and people without another log-in, show. Only its hash is kept.</summary>
/// <param name="Name">Who has it; stands in the audit log.</param>
/// <param name="Role">What it allows.</param>
/// <param name="Hash">SHA-256 of the key's text, 64 hexadecimal digits. Safe to keep in a settings file: keys have 256 random bits.</param>
public sealed record ApiKey(string Name, AccessRole Role, string Hash)
{
    /// <summary>How the text of every key begins, which tells it from other tokens.</summary>
    internal const string Prefix = "dp_";

    private const int SecretBytes = 32;

    /// <summary>SHA-256 of the key's text, 64 hexadecimal digits.</summary>
    public string Hash { get; } = Hash is { Length: 64 } && Hash.All(char.IsAsciiHexDigit)
        ? Hash.ToLowerInvariant()
        : throw new ArgumentException($"The hash of API key '{Name}' is not 64 hexadecimal digits: make keys with ApiKey.Create.", nameof(Hash));

    /// <summary>Makes a key.</summary>
    /// <param name="name">Who gets it.</param>
    /// <param name="role">What it allows.</param>
    /// <returns>What to keep, and the text to hand out; that is not kept anywhere.</returns>
    public static (ApiKey Key, string Secret) Create(string name, AccessRole role)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var secret = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes));
        return (new ApiKey(name, role, HashOf(secret)), secret);
    }

    /// <summary>The hash of a key's text.</summary>
    /// <param name="secret">The text.</param>
    public static string HashOf(string secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
    }

    /// <summary>The key that a caller shows, or null. Looks at every key, so that the time says nothing about which was near.</summary>
    internal static ApiKey? Find(IEnumerable<ApiKey> keys, string secret)
    {
        var shown = Encoding.ASCII.GetBytes(HashOf(secret));
        ApiKey? found = null;
        foreach (var key in keys)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(key.Hash), shown))
            {
                found = key;
            }
        }

        return found;
    }
}
