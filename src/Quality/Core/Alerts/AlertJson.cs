using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Alerts;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(AlertMessage[]))]
[JsonSerializable(typeof(SlackText))]
internal sealed partial class AlertJson : JsonSerializerContext;
