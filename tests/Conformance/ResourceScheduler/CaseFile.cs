using System.Text.Json;

namespace DataPlatform.Conformance.ResourceScheduler;

/// <summary>The cases: the file DP_CASES_SCHEDULER names, or ../shared beside the checkout, or the product's own copy.</summary>
internal static class CaseFile
{
    public const string Variable = "DP_CASES_SCHEDULER";

    public static IReadOnlyList<SchedulerCase> Read()
    {
        var path = Find();
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        Console.WriteLine($"scheduler cases: {path}");
        return [.. document.RootElement.GetProperty("cases").EnumerateArray().Select(SchedulerCase.From)];
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"{Variable} names '{named}', which is not there.", named);
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var beside = Path.Combine(folder.FullName, "..", "shared", "scheduler-cases.json");
            if (File.Exists(Path.Combine(folder.FullName, "DataPlatform.sln")) && File.Exists(beside))
            {
                return Path.GetFullPath(beside);
            }
        }

        Console.WriteLine("scheduler cases: no ../shared/scheduler-cases.json beside the checkout; the product's own copy is used");
        return Path.Combine(AppContext.BaseDirectory, "Data", "scheduler-cases.json");
    }
}
