using System.Xml.Linq;

namespace DataPlatform.Tidy;

/// <summary>A folder is a concept of the field, a namespace is its folder, and every engine has a door for newcomers.</summary>
public sealed class TreeTests
{
    private static readonly string[] BannedFolders =
        ["Helpers", "Helper", "Utils", "Util", "Utilities", "Common", "Models", "Interfaces", "Managers", "Misc", "Infrastructure"];

    private static readonly string[] ReadmeHeadings = ["What it is", "Twenty lines", "Concepts", "Guarantees and limits", "On disk", "Start reading"];

    [Fact]
    public void No_folder_is_named_for_a_kind()
    {
        var wrong = Checkout.Files("*.cs").SelectMany(file => file.Split('/')).Distinct().Where(BannedFolders.Contains);

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_namespace_is_its_folder()
    {
        List<string> wrong = [];
        foreach (var project in Checkout.Projects.Where(project => project.StartsWith("src/", StringComparison.Ordinal)))
        {
            var folder = Path.GetDirectoryName(project)!.Replace('\\', '/');
            var root = RootNamespaceOf(project);
            foreach (var file in Checkout.Files("*.cs", folder).Where(file => OwnerOf(file) == project))
            {
                var below = Path.GetDirectoryName(Path.GetRelativePath(folder, file))!.Replace('\\', '/');
                var expected = below.Length == 0 ? root : $"{root}.{below.Replace('/', '.')}";
                if (Checkout.NamespaceOf(file) is { } actual && actual != expected && !IsExtensionHome(actual))
                {
                    wrong.Add($"{file}: {actual}, expected {expected}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void No_inner_namespace_repeats_the_name_of_an_engine()
    {
        string[] engines = ["Streaming", "Lakehouse", "Orchestrator", "Quality", "ResourceScheduler"];
        var wrong = Checkout.Files("*.cs", "src").Select(Checkout.NamespaceOf).OfType<string>().Distinct()
            .Where(name => name.StartsWith("DataPlatform.", StringComparison.Ordinal) && name.Split('.').Skip(2).Any(engines.Contains));

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_engine_has_a_readme_with_the_headings_a_reader_looks_for()
    {
        var folders = Checkout.Projects.Where(project => project.StartsWith("src/", StringComparison.Ordinal))
            .Select(project => string.Join('/', project.Split('/').Take(2))).Distinct().Where(folder => folder is not "src/Tools" and not "src/Web");
        foreach (var folder in folders)
        {
            Assert.True(File.Exists(Path.Combine(Checkout.Root, folder, "README.md")), $"{folder} has no README.md");
            var text = Checkout.Read($"{folder}/README.md");
            Assert.Empty(ReadmeHeadings.Where(heading => !text.Contains($"## {heading}", StringComparison.Ordinal)).Select(heading => $"{folder}/README.md: ## {heading}"));
        }
    }

    [Fact]
    public void No_unfinished_mark_stands_in_the_product()
    {
        string[] marks = ["TO" + "DO", "FIX" + "ME", "NotImplemented" + "Exception"];
        var wrong = Checkout.Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal) || file.StartsWith("samples/", StringComparison.Ordinal))
            .Where(file => marks.Any(mark => Checkout.Read(file).Contains(mark, StringComparison.Ordinal)));

        Assert.Empty(wrong);
    }

    [Fact]
    public void A_source_file_stays_one_concept()
    {
        const int LinesMax = 500;
        var wrong = Checkout.Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal))
            .Select(file => (File: file, Lines: Checkout.Read(file).Count(c => c == '\n'))).Where(entry => entry.Lines > LinesMax);

        Assert.Empty(wrong.Select(entry => $"{entry.File}: {entry.Lines} lines"));
    }

    /// <summary>Registration methods live where the host's author looks for them.</summary>
    private static bool IsExtensionHome(string name) => name is "Microsoft.Extensions.DependencyInjection" or "Microsoft.AspNetCore.Builder";

    private static string RootNamespaceOf(string project)
        => XDocument.Load(Path.Combine(Checkout.Root, project)).Descendants("RootNamespace").FirstOrDefault()?.Value ?? Path.GetFileNameWithoutExtension(project);

    private static string? OwnerOf(string file)
        => Checkout.Projects.Where(project => file.StartsWith(Path.GetDirectoryName(project)!.Replace('\\', '/') + "/", StringComparison.Ordinal)).MaxBy(project => project.Length);
}
