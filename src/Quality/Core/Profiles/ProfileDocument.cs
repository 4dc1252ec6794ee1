using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Profiles;

/// <summary>Columns of a profile as JSON.</summary>
internal static class ProfileDocument
{
    public static string Write(IReadOnlyList<ColumnProfile> columns) => JsonSerializer.Serialize([.. columns], ProfileJson.Default.ColumnProfileArray);

    /// <exception cref="QualityException">The text is no profile.</exception>
    public static IReadOnlyList<ColumnProfile> Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ProfileJson.Default.ColumnProfileArray) ?? [];
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"The stored profile is damaged: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ColumnProfile[]))]
internal sealed partial class ProfileJson : JsonSerializerContext;
