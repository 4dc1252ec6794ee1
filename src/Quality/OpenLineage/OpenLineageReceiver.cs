using System.Text;
using System.Text.Json;
using DataPlatform.Kernel;
using DataPlatform.Quality.Lineage;
using DataPlatform.Quality.Lineage.OpenLineage;

namespace DataPlatform.Quality.OpenLineage;

/// <summary>Takes events into a graph and keeps them before they are answered for.</summary>
/// <remarks>Thread-safe. An event that comes twice changes nothing the second time.</remarks>
/// <param name="reader">Reads events into the graph.</param>
/// <param name="keeper">Keeps the graph; null where it is kept by somebody else, or not at all.</param>
public sealed class OpenLineageReceiver(OpenLineageReader reader, LineageKeeper? keeper = null)
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>Takes the events of a body: one object, or a list of them.</summary>
    /// <param name="body">JSON as UTF-8.</param>
    /// <param name="eventsMax">Events at most.</param>
    /// <param name="cancellationToken">Before the events are kept; they are in the graph, and kept with the next.</param>
    /// <returns>What became of each.</returns>
    /// <exception cref="QualityException">The body is no JSON or too much, or the events could not be kept.</exception>
    public async ValueTask<ReceivedEvents> ReceiveAsync(ReadOnlyMemory<byte> body, int eventsMax, CancellationToken cancellationToken = default)
    {
        using var document = Parse(body);
        var isList = document.RootElement.ValueKind == JsonValueKind.Array;
        var events = isList ? document.RootElement.EnumerateArray().ToList() : [document.RootElement];
        if (events.Count > eventsMax)
        {
            throw new QualityException(ErrorKind.Invalid, $"{events.Count} events come together; at most {eventsMax} may. Post them in parts.");
        }

        var (taken, refused) = (0, new List<RefusedEvent>());
        for (var i = 0; i < events.Count; i++)
        {
            try
            {
                taken += reader.Accept(events[i]) ? 1 : 0;
            }
            catch (QualityException e) when (e.Kind == ErrorKind.Invalid)
            {
                refused.Add(new RefusedEvent(i, e.Message));
            }
        }

        if (keeper is not null)
        {
            await keeper.SaveAsync(cancellationToken).ConfigureAwait(false);
        }

        return new ReceivedEvents(events.Count, taken, refused, isList);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body, Options);
        }
        catch (JsonException e)
        {
            throw new QualityException(ErrorKind.Invalid, $"The body is no JSON: {e.Message}", e);
        }
    }
}
