using System.Text.Json.Serialization;

namespace DataPlatform.Quality.OpenLineage;

/// <summary>What became of the events of a request.</summary>
/// <param name="Received">Events in the request.</param>
/// <param name="Taken">Those that changed the graph; the others are starts, failures, repeats and older than what is known.</param>
/// <param name="Refused">Those that are no run events.</param>
/// <param name="IsList">Whether the request was a list.</param>
public sealed record ReceivedEvents(int Received, int Taken, IReadOnlyList<RefusedEvent> Refused, [property: JsonIgnore] bool IsList);

/// <summary>An event that is none.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record RefusedEvent(int Index, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ReceivedEvents))]
internal sealed partial class ReceivedJson : JsonSerializerContext;
