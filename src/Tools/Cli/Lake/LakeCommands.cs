using System.CommandLine;

namespace DataPlatform.Tools.Cli.Lake;

/// <summary><c>dp lake</c>: looks into Delta tables on disk, makes them and keeps them in shape.</summary>
internal static class LakeCommands
{
    /// <summary>The group.</summary>
    public static Command Group
    {
        get
        {
            var group = new Command("lake", "Looks into Delta tables, makes them and keeps them in shape.");
            foreach (var command in LakeLookCommands.All.Concat(LakeRowCommands.All).Concat(LakeUpkeepCommands.All).Append(
                LakeCreateCommand.Create())
                .Append(LakeImportCommand.Create()))
            {
                group.Add(command);
            }

            return group;
        }
    }
}
