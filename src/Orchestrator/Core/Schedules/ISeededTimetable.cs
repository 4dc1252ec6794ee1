namespace DataPlatform.Orchestrator.Schedules;

/// <summary>A timetable with a choice in it that a DAG makes by its name, always the same.</summary>
internal interface ISeededTimetable
{
    /// <summary>The timetable with its choices made.</summary>
    /// <param name="seed">The DAG's; see <see cref="StableSeed"/>.</param>
    ITimetable Seeded(uint seed);
}
