namespace DataPlatform.Orchestrator.Dags;

/// <summary>Checks the parameters of a DAG: their names, rules and defaults.</summary>
internal static class ParamAnalyzer
{
    public static void Check(DagSettings settings, List<DagProblem> problems)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var parameter in settings.Params)
        {
            if (!names.Add(parameter.Name))
            {
                problems.Add(new DagProblem(null, $"the parameter '{parameter.Name}' is defined twice."));
            }

            if (parameter.Rules.WhyMeaningless(parameter.Type) is { } reason)
            {
                problems.Add(new DagProblem(null, $"the parameter '{parameter.Name}' cannot be: {reason}."));
            }
            else if (parameter.DefaultJson is { } json && parameter.WhyNot(json) is { } refused)
            {
                problems.Add(new DagProblem(null, $"the default of the parameter '{parameter.Name}' is {json}, {refused}."));
            }

            if (parameter.DefaultJson is null && (settings.Timetable.FiresByClock || settings.Datasets is not null))
            {
                problems.Add(new DagProblem(
                    null, $"the parameter '{parameter.Name}' needs a default: nobody gives it when the DAG is started by its " +
                    (settings.Datasets is null ? "timetable." : "datasets.")));
            }
        }
    }
}
