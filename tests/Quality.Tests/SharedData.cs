namespace DataPlatform.Quality.Tests;

/// <summary>Reference material that lies beside the checkout on some machines.</summary>
internal static class SharedData
{
    /// <summary>A folder of <c>../shared</c>; skips the test in one line where there is none.</summary>
    public static string FindOrSkip(string folder)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var found = Path.Combine(at.FullName, "shared", folder);
            if (Directory.Exists(found))
            {
                return found;
            }
        }

        Assert.Skip($"shared/{folder} does not lie beside the checkout");
        return string.Empty;
    }
}
