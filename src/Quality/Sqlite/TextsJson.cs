using System.Text.Json.Serialization;

namespace DataPlatform.Quality.Sqlite;

/// <summary>Lists of texts as one parameter, for <c>json_each</c>.</summary>
[JsonSerializable(typeof(string[]))]
internal sealed partial class TextsJson : JsonSerializerContext;
