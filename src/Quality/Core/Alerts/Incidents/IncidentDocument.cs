using System.Text.Json;
using System.Text.Json.Serialization;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Alerts.Incidents;

/// <summary>An incident as JSON, as stores and APIs hand it on.</summary>
public static class IncidentDocument
{
    /// <summary>The text of an incident.</summary>
    /// <param name="incident">The incident.</param>
    public static string Write(Incident incident) => JsonSerializer.Serialize(incident, IncidentJson.Default.Incident);

    /// <summary>The incident of a text.</summary>
    /// <param name="json">What <see cref="Write"/> made.</param>
    /// <exception cref="QualityException">It is something else.</exception>
    public static Incident Read(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, IncidentJson.Default.Incident)
                ?? throw new QualityException(ErrorKind.Corrupt, "The stored incident is empty.");
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Corrupt, $"The stored incident is damaged: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Incident))]
internal sealed partial class IncidentJson : JsonSerializerContext;
