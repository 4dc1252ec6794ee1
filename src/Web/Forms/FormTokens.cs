using DataPlatform.Web.Access;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace DataPlatform.Web.Forms;

/// <summary>The tokens that tell a form of our pages from one of another site: ASP.NET Core's own, whether or not the host registered them.</summary>
internal sealed class FormTokens
{
    private readonly IAntiforgery _tokens;

    /// <param name="host">The host's services; its antiforgery or at least its key ring is used where it has one.</param>
    /// <param name="mountPath">Names the cookie, so that two sections of one host do not overwrite each other's.</param>
    public FormTokens(IServiceProvider host, string mountPath)
    {
        _tokens = host.GetService<IAntiforgery>() ?? Make(host, mountPath);
    }

    /// <summary>The field's name and value for a page that is being written.</summary>
    public (string Name, string Value) Issue(HttpContext http)
    {
        var set = _tokens.GetAndStoreTokens(http);
        return (set.FormFieldName, set.RequestToken!);
    }

    public async Task<bool> IsValidAsync(HttpContext http)
    {
        try
        {
            await _tokens.ValidateRequestAsync(http).ConfigureAwait(false);
            return true;
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }

    private static IAntiforgery Make(IServiceProvider host, string mountPath)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "dp-forms-" + ApiKey.HashOf(mountPath)[..8];
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.HttpOnly = true;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });

        // Without a key ring of the host, tokens live as long as the process: a page that is older must be loaded again.
        services.AddSingleton(host.GetService<IDataProtectionProvider>() ?? new EphemeralDataProtectionProvider());
        return services.BuildServiceProvider().GetRequiredService<IAntiforgery>();
    }
}
