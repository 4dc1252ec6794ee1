using Microsoft.CodeAnalysis;

namespace DataPlatform.Orchestrator.Generators;

/// <summary>Checks one class.</summary>
internal sealed class DagClassCheck(INamedTypeSymbol type, AttributeData settings, Action<Diagnostic> report)
{
    private readonly List<TaskSymbol> _tasks = [];
    private readonly Dictionary<TaskSymbol, List<TaskSymbol>> _upstream = [];
    private readonly List<AttributeData> _groups = [.. type.GetAttributes()
        .Where(attribute => AttributeNames.Is(attribute.AttributeClass, "TaskGroup"))];

    public void Run()
    {
        FindTasks();
        CheckSettings();
        CheckGroups();
        foreach (var task in _tasks)
        {
            CheckKind(task);
            CheckOrder(task);
            CheckParameters(task);
        }

        CheckCycles();
    }

    private void Report(DiagnosticDescriptor descriptor, Location place, params object[] words) =>
        report(Diagnostic.Create(descriptor, place, words));

    private void FindTasks()
    {
        foreach (var method in type.GetMembers().OfType<IMethodSymbol>())
        {
            if (AttributeNames.TaskOf(method) is not { } attribute)
            {
                continue;
            }

            var task = new TaskSymbol(method, attribute);
            task.MappedGroup = _groups.Where(group => AttributeNames.Texts(group, "MapOver").Length > 0).Select(GroupId)
                .FirstOrDefault(id => IsIn(task.Group, id));
            if (_tasks.FirstOrDefault(other => other.Id == task.Id) is { } twin)
            {
                Report(DagDiagnostics.SameName, method.Locations[0], task.Place, twin.Place, task.Id);
            }

            _tasks.Add(task);
            _upstream[task] = [];
        }
    }

    private void CheckSettings()
    {
        var place = AttributeNames.PlaceOf(settings, type);
        foreach (var line in AttributeNames.Texts(settings, "MoreSchedules")
            .Concat([AttributeNames.Text(settings, "Schedule")]).OfType<string>())
        {
            if (line.StartsWith("every ", StringComparison.Ordinal))
            {
                CheckDuration(line.Substring(6), place);
            }
            else if (CronText.WhyNot(line) is { } reason)
            {
                Report(DagDiagnostics.WrongCron, place, line, reason);
            }
        }

        CheckDurations(settings, place, "RunTimeout", "Deadline", "Jitter");
        CheckDatasets(settings, place, "Datasets", "AnyDataset");
    }

    private void CheckDatasets(AttributeData attribute, Location place, params string[] properties)
    {
        foreach (var name in properties.SelectMany(property => AttributeNames.Texts(attribute, property)))
        {
            if (name.Length > 512 || name.Any(char.IsControl) || name.Split('/').Any(string.IsNullOrWhiteSpace))
            {
                Report(DagDiagnostics.WrongDataset, place, name);
            }
        }
    }

    private void CheckDurations(AttributeData attribute, Location place, params string[] properties)
    {
        foreach (var text in properties.Select(property => AttributeNames.Text(attribute, property)).OfType<string>())
        {
            CheckDuration(text, place);
        }
    }

    private void CheckDuration(string text, Location place)
    {
        if (!DurationWords.IsDuration(text))
        {
            Report(DagDiagnostics.WrongDuration, place, text);
        }
    }

    private void CheckGroups()
    {
        foreach (var group in _groups)
        {
            foreach (var name in AttributeNames.Texts(group, "After").Concat(AttributeNames.Texts(group, "MapOver")))
            {
                CheckName(name, null, AttributeNames.PlaceOf(group, type), type.Name);
            }
        }
    }

    private void CheckKind(TaskSymbol task)
    {
        var place = task.Method.Locations[0];
        CheckDurations(task.Attribute, AttributeNames.PlaceOf(task.Attribute, task.Method), "Timeout", "Backoff", "BackoffCap", "Patience");
        CheckDatasets(task.Attribute, AttributeNames.PlaceOf(task.Attribute, task.Method), "Inlets", "Outlets");
        var result = task.Result;
        if (task.IsKind("Sensor"))
        {
            foreach (var interval in AttributeNames.Arguments(task.Attribute))
            {
                CheckDuration(interval, AttributeNames.PlaceOf(task.Attribute, task.Method));
            }
        }

        if ((task.IsKind("Sensor") || task.IsKind("ShortCircuit")) && result?.SpecialType != SpecialType.System_Boolean)
        {
            Report(DagDiagnostics.WrongResult, place, task.Place, task.IsKind("Sensor") ? "sensor" : "short circuit", "a bool",
                SymbolMatch.Name(result));
        }
        else if (task.IsKind("Branch") && result?.SpecialType != SpecialType.System_String &&
            (result is null || SymbolMatch.ElementOf(result)?.SpecialType != SpecialType.System_String))
        {
            Report(DagDiagnostics.WrongResult, place, task.Place, "branch", "names of tasks", SymbolMatch.Name(result));
        }
    }

    private void CheckOrder(TaskSymbol task)
    {
        foreach (var name in new[] { "After", "Teardown", "MapOver" })
        {
            if (AttributeNames.Find(task.Method, name) is not { } attribute)
            {
                continue;
            }

            foreach (var upstream in AttributeNames.Arguments(attribute))
            {
                CheckName(upstream, task, AttributeNames.PlaceOf(attribute, task.Method), task.Place);
            }
        }

        foreach (var list in AttributeNames.Arguments(task.Map).Select(name => Find(name, task)).OfType<TaskSymbol>())
        {
            CheckList(task, list);
        }
    }

    private void CheckName(string name, TaskSymbol? asks, Location place, string who)
    {
        if (Find(name, asks) is { } found)
        {
            if (asks is not null)
            {
                _upstream[asks].Add(found);
            }
        }
        else if (!_tasks.Any(task => IsIn(task.Group, name) || (asks?.Group is { } own && IsIn(task.Group, $"{own}.{name}"))))
        {
            Report(DagDiagnostics.UnknownTask, place, who, name, type.Name);
        }
    }

    private void CheckList(TaskSymbol task, TaskSymbol producer)
    {
        if (!producer.IsMapped && (producer.Result is null || !SymbolMatch.MayBeList(producer.Result)))
        {
            Report(
                DagDiagnostics.WrongType, AttributeNames.PlaceOf(task.Map!, task.Method), task.Place, "the value", producer.Place,
                    "a list to be mapped over",
                SymbolMatch.Name(producer.Result), "only a list can be mapped over");
        }
    }

    private void CheckParameters(TaskSymbol task)
    {
        foreach (var parameter in task.Method.Parameters)
        {
            if (parameter.Type.Name is "TaskContext" or "CancellationToken" || AttributeNames.Find(parameter, "Param") is not null)
            {
                continue;
            }

            var from = AttributeNames.Find(parameter, "From");
            var name = from is null ? parameter.Name : AttributeNames.Arguments(from).FirstOrDefault() ?? parameter.Name;
            var producer = AttributeNames.Find(parameter, "Item") is null ? Find(name, task) : null;
            if (producer is not null && producer != task)
            {
                _upstream[task].Add(producer);
                CheckValue(task, parameter, producer, AttributeNames.Text(from, "Key") is null);
            }
            else if (from is not null)
            {
                Report(DagDiagnostics.UnknownTask, parameter.Locations[0], task.Place, name, type.Name);
            }
            else if (!task.IsMapped)
            {
                Report(DagDiagnostics.UnknownParameter, parameter.Locations[0], parameter.Name, task.Place);
            }
            else
            {
                CheckItem(task, parameter);
            }
        }
    }

    private void CheckValue(TaskSymbol task, IParameterSymbol parameter, TaskSymbol producer, bool isReturnValue)
    {
        if (!isReturnValue || producer.IsKind("Branch"))
        {
            return;
        }

        if (producer.Result is null || producer.IsKind("Sensor"))
        {
            Report(DagDiagnostics.WrongType, parameter.Locations[0], task.Place, "the value", producer.Place,
                SymbolMatch.Name(parameter.Type), "nothing", "it gives none");
            return;
        }

        var isByIndex = producer.IsMapped && (producer.MappedGroup is null || producer.MappedGroup != task.MappedGroup);
        var taken = isByIndex ? SymbolMatch.ElementOf(parameter.Type) : parameter.Type;
        var reason = taken is null ? "it is mapped, so its values are a list" : SymbolMatch.WhyNot(producer.Result, taken);
        if (reason is not null)
        {
            Report(
                DagDiagnostics.WrongType, parameter.Locations[0], task.Place, isByIndex ? "the values" : "the value", producer.Place,
                SymbolMatch.Name(parameter.Type), (isByIndex ? "a list of " : string.Empty) + SymbolMatch.Name(producer.Result), reason);
        }
    }

    private void CheckItem(TaskSymbol task, IParameterSymbol parameter)
    {
        var map = task.Map ?? _groups.First(group => GroupId(group) == task.MappedGroup);
        var names = task.Map is null ? AttributeNames.Texts(map, "MapOver") : AttributeNames.Arguments(map);
        if (names.Length != 1 || Find(names[0], task) is not { Result: { } result } producer)
        {
            return;
        }

        var element = producer.IsMapped ? result : SymbolMatch.ElementOf(result);
        if (element is not null && SymbolMatch.WhyNot(element, parameter.Type) is { } reason)
        {
            Report(
                DagDiagnostics.WrongType, parameter.Locations[0], task.Place, "an item", producer.Place, SymbolMatch.Name(parameter.Type),
                    SymbolMatch.Name(element),
                reason);
        }
    }

    /// <summary>Names the first task found on each cycle once.</summary>
    private void CheckCycles()
    {
        var done = new HashSet<TaskSymbol>();
        foreach (var task in _tasks)
        {
            var path = new List<TaskSymbol>();
            if (CycleFrom(task, path, done) is { } cycle)
            {
                Report(DagDiagnostics.Cycle, cycle[0].Method.Locations[0], cycle[0].Place,
                    string.Join(" -> ", cycle.Concat([cycle[0]]).Select(member => member.Id)));
                return;
            }
        }
    }

    private List<TaskSymbol>? CycleFrom(TaskSymbol task, List<TaskSymbol> path, HashSet<TaskSymbol> done)
    {
        if (path.IndexOf(task) is var start and >= 0)
        {
            var cycle = path.Skip(start).ToList();
            cycle.Reverse();
            return cycle;
        }

        if (!done.Add(task) && !path.Contains(task))
        {
            return null;
        }

        path.Add(task);
        foreach (var upstream in _upstream[task])
        {
            if (CycleFrom(upstream, path, done) is { } found)
            {
                return found;
            }
        }

        path.RemoveAt(path.Count - 1);
        return null;
    }

    private TaskSymbol? Find(string name, TaskSymbol? asks)
    {
        for (var group = asks?.Group; group is not null; group = group.Contains('.') ? group.Substring(0, group.LastIndexOf('.')) : null)
        {
            if (_tasks.FirstOrDefault(task => task.Group == group && task.IsCalled(name)) is { } sibling)
            {
                return sibling;
            }
        }

        return _tasks.FirstOrDefault(task => task.Id == name) ?? _tasks.FirstOrDefault(task => task.Group is null && task.IsCalled(name))
            ?? OnlyOne(_tasks.Where(task => task.IsCalled(name)).ToList());
    }

    private static TaskSymbol? OnlyOne(List<TaskSymbol> tasks) => tasks.Count == 1 ? tasks[0] : null;

    private static string GroupId(AttributeData group) => AttributeNames.Arguments(group).FirstOrDefault() ?? string.Empty;

    private static bool IsIn(string? own, string group) => own is not null
        && (own == group || own.StartsWith(group + ".", StringComparison.Ordinal));
}
