using DataPlatform.Kernel.Storage;

namespace DataPlatform.Lakehouse.Tests.Kit;

/// <summary>A copy of one of this repository's own golden tables, to write to.</summary>
internal static class GoldenCopy
{
    public static LocalObjectStore Of(string name, TempFolder target)
    {
        var source = Path.Combine(Root(), name, "delta");
        foreach (var file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target.Path, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        target.NotJudgedBecause = "other writers wrote its first versions, each in its own style";
        return target.Store;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, "tests", "Conformance", "Data", "delta-golden");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new DirectoryNotFoundException("tests/Conformance/Data/delta-golden is not above the test's folder.");
    }
}
