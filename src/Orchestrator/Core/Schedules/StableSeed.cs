using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DataPlatform.Orchestrator.Schedules;

/// <summary>A number for a DAG that is the same in every process and version, unlike <see cref="string.GetHashCode()"/>.</summary>
internal static class StableSeed
{
    public static uint Of(string dagId) => BinaryPrimitives.ReadUInt32LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(dagId)));

    /// <summary>Makes the choices of a timetable that has some.</summary>
    public static ITimetable Bind(ITimetable timetable, string dagId) =>
        timetable is ISeededTimetable seeded ? seeded.Seeded(Of(dagId)) : timetable;
}
