using System.Text.Json;
using DataPlatform.ResourceScheduler;
using DataPlatform.ResourceScheduler.Autoscaling;
using DataPlatform.ResourceScheduler.Nodes;

namespace DataPlatform.Tools.Cli.Cluster;

/// <summary>Node groups as a JSON list.</summary>
internal static class NodeGroupFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow,
    };

    public static AutoscalerOptions Read(string text)
    {
        try
        {
            var groups = JsonSerializer.Deserialize<Entry[]>(text, Json) ?? [];
            return new AutoscalerOptions
            {
                Groups = [.. groups.Select(group => new NodeGroup(group.Name, new ResourceVector(group.Cpu, group.Memory, group.Gpu))
                {
                    Purchase = group.Spot ? NodePurchase.Spot : NodePurchase.OnDemand,
                    PricePerHour = group.Price,
                    NodesMin = group.Min,
                    NodesMax = group.Max,
                    Properties = new NodeProperties { Label = group.Label },
                })],
            };
        }
        catch (JsonException error)
        {
            throw new ArgumentException($"The node groups are no JSON list of groups: {error.Message}", nameof(text), error);
        }
    }

    private sealed record Entry(string Name, long Cpu, long Memory, long Gpu = 0, bool Spot = false, double Price = 1, int Min = 0,
        int Max = 100,
        string Label = "");
}
