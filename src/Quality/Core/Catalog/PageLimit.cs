namespace DataPlatform.Quality.Catalog;

/// <summary>How many items a page may have.</summary>
internal static class PageLimit
{
    public static int Check(int value, int max)
        => value >= 1 && value <= max ? value : throw new ArgumentOutOfRangeException(nameof(value), value, $"A page has 1 to {max} items.");
}
