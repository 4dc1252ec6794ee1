using System.Net.Http.Headers;
using DataPlatform.Kernel;

namespace DataPlatform.Quality.Alerts;

/// <summary>One POST of JSON; anything but success is an error that names the address without what may be secret in it.</summary>
internal static class PostedJson
{
    public static async ValueTask SendAsync(
        HttpClient client, Uri address, byte[] body, IEnumerable<(string Name, string Value)> headers, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        try
        {
            using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                throw new QualityException(ErrorKind.Unavailable, $"{address.Host} answered {(int)response.StatusCode} to an alert.");
            }
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new QualityException(ErrorKind.Unavailable, $"{address.Host} could not be reached with an alert: {e.Message}", e);
        }
    }
}
