using System.Diagnostics;

namespace DataPlatform.TestKit.Browser;

/// <summary>What a page must come to show. Pages change by themselves, so a check waits until it holds, and says at last what was there instead.</summary>
public static class PageChecks
{
    /// <summary>The longest wait: far more than a loaded machine needs.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>The texts of all elements that match are these, in order.</summary>
    /// <param name="page">The page.</param>
    /// <param name="selector">A CSS selector.</param>
    /// <param name="expected">The texts.</param>
    public static Task HasTextsAsync(this BrowserPage page, string selector, params string[] expected) => HoldsAsync(
        async () => Shown(await page.TextsAsync(selector)), $"'{selector}' to be {Shown(expected)}", found => found == Shown(expected));

    /// <summary>So many elements match.</summary>
    /// <param name="page">The page.</param>
    /// <param name="selector">A CSS selector.</param>
    /// <param name="count">How many.</param>
    public static Task HasCountAsync(this BrowserPage page, string selector, int count) => HoldsAsync(
        () => page.CountAsync(selector), $"'{selector}' to match {count}", found => found == count);

    /// <summary>The text of the first element that matches is this.</summary>
    /// <param name="page">The page.</param>
    /// <param name="selector">A CSS selector.</param>
    /// <param name="expected">The text.</param>
    public static Task HasTextAsync(this BrowserPage page, string selector, string expected) => HoldsAsync(
        () => page.TextAsync(selector), $"'{selector}' to be '{expected}'", found => found == expected);

    /// <summary>The text of the first element that matches holds this.</summary>
    /// <param name="page">The page.</param>
    /// <param name="selector">A CSS selector.</param>
    /// <param name="part">A part of its text.</param>
    public static Task ShowsAsync(this BrowserPage page, string selector, string part) => HoldsAsync(
        () => page.TextAsync(selector), $"'{selector}' to hold '{part}'", found => found.Contains(part, StringComparison.Ordinal));

    /// <summary>JavaScript gives this, written as text.</summary>
    /// <param name="page">The page.</param>
    /// <param name="script">An expression.</param>
    /// <param name="expected">Its value.</param>
    public static Task GivesAsync(this BrowserPage page, string script, string expected) => HoldsAsync(
        async () => (await page.EvaluateAsync(script)).ToString(), $"{script} to be '{expected}'", found => found == expected);

    private static async Task HoldsAsync<T>(Func<Task<T>> look, string what, Func<T, bool> holds)
    {
        object? found = "nothing: the page could not be asked";
        for (var began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Limit;)
        {
            try
            {
                var value = await look();
                if (holds(value))
                {
                    return;
                }

                found = value;
            }
            catch (InvalidOperationException)
            {
                // The page is being replaced by the next one.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        throw new TimeoutException($"{Limit.TotalSeconds:F0} s were waited for {what}; it was {found}.");
    }

    private static string Shown(IEnumerable<string> texts) => $"[{string.Join(" | ", texts)}]";
}
