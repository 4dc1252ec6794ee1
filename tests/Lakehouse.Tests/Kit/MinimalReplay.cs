using System.Text.Json;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>
/// A second, independent way to the live files: plain JSON documents in order of the file names, adds and removes by path. Shares no code
/// with the product, and knows no checkpoints.
/// </summary>
internal static class MinimalReplay
{
    public static string[] ActiveFiles(string folder)
    {
        SortedSet<string> active = new(StringComparer.Ordinal);
        foreach (var file in Directory.GetFiles(Path.Combine(folder, "_delta_log"), "*.json").Where(
            f => Path.GetFileName(f).Length == 25).Order(StringComparer.Ordinal))
        {
            foreach (var line in File.ReadLines(file))
            {
                using var document = JsonDocument.Parse(line);
                var action = document.RootElement.EnumerateObject().Single();
                if (action.Name is "add" or "remove")
                {
                    var path = Path.Combine(folder, Uri.UnescapeDataString(action.Value.GetProperty("path").GetString()!));
                    _ = action.Name == "add" ? active.Add(path) : active.Remove(path);
                }
            }
        }

        return [.. active];
    }
}
