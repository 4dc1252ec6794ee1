using System.Text.Json;
using DataPlatform.ResourceScheduler.Applications;

namespace DataPlatform.Conformance.ResourceScheduler;

internal static class SpeculationCases
{
    public static IReadOnlyDictionary<string, object?> Run(SchedulerCase item) => item.Input.Text("rule") switch
    {
        "median" => Median(item.Input),
        "mean_plus_sigma" => MeanPlusSigma(item.Input),
        "worth_it" => new Dictionary<string, object?>
        {
            ["speculate"] = Speculation.IsWorthIt(
                item.Input.Number("now_s"), item.Input.Number("attempt_start_s"), item.Input.Number("estimated_total_s"),
                    item.Input.Number("mean_finished_s")),
        },
        "bound" => new Dictionary<string, object?>
        {
            ["max_speculative"] = Speculation.AttemptsMax(item.Input.Whole("total_tasks"),
                item.Input.Whole("running", item.Input.Whole("running_tasks"))),
        },
        var rule => throw new NotSupportedException($"unknown rule '{rule}'"),
    };

    private static Dictionary<string, object?> Median(JsonElement input)
    {
        var speculation = new Speculation
        {
            Multiplier = input.Number("multiplier", 1.5),
            Quantile = input.Number("quantile", 0.75),
            RunTimeMin = TimeSpan.FromSeconds(input.Number("min_runtime_s", 0.1)),
        };
        var threshold = speculation.ThresholdSeconds(input.Whole("total_tasks"), input.Numbers("finished_s"));
        var duplicated = input.Texts("already_speculated");
        var slow = input.Fields("running_s")
            .Where(task => task.Value.GetDouble() > threshold && !duplicated.Contains(task.Name))
            .Select(task => task.Name).ToArray();
        return new Dictionary<string, object?> { ["threshold_s"] = threshold, ["speculate"] = slow };
    }

    private static Dictionary<string, object?> MeanPlusSigma(JsonElement input)
    {
        var (mean, deviation) = Speculation.MeanAndDeviation(input.Numbers("finished_s"));
        return new Dictionary<string, object?>
        {
            ["mean"] = mean,
            ["std"] = deviation,
            ["threshold_s"] = mean + (input.Number("sigma",
            1) * deviation)
        };
    }
}
