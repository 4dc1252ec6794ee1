using System.Net;
using System.Text.RegularExpressions;

namespace DataPlatform.Quality.Tests.Web;

/// <summary>Fills in and sends forms as a browser without scripts does.</summary>
internal sealed partial class FormSession(Uri root) : IDisposable
{
    private readonly HttpClient _client = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = root };

    public static string Unescape(string html) => WebUtility.HtmlDecode(html);

    public Task<string> GetAsync(string path) => _client.GetStringAsync(path, TestContext.Current.CancellationToken);

    /// <summary>Sends a form with the token of the page it is on; follows the answer to the next page.</summary>
    public async Task<(HttpStatusCode Status, string Page)> SendAsync(string page, string action, params (string Name, string Value)[] fields)
    {
        var html = await GetAsync(page);
        var token = Token().Match(html);
        var form = new FormUrlEncodedContent(fields.Append((token.Groups[1].Value, token.Groups[2].Value)).Select(f => KeyValuePair.Create(f.Item1, f.Item2)));
        using var answer = await _client.PostAsync(action, form, TestContext.Current.CancellationToken);
        return (answer.StatusCode, Unescape(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("name=\"(__RequestVerificationToken)\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
