using System.CommandLine;
using DataPlatform.Tools.Cli;

var root = new RootCommand("Looks into what DataPlatform's engines leave on disk. Every command takes --json; exit codes: 0 done, 1 failed, 2 wrong arguments.");
foreach (var group in CommandGroups.All)
{
    root.Subcommands.Add(group);
}

var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("See --help.");
    return CommandRun.ExitUsage;
}

return await parsed.InvokeAsync();
