using System.Security.Claims;
using DataPlatform.Web.Access;

namespace DataPlatform.Web.Tests.Access;

public sealed class ApiKeyTests
{
    [Fact]
    public void A_key_is_found_by_its_text_and_only_its_hash_is_kept()
    {
        var (key, secret) = ApiKey.Create("etl", AccessRole.Operator);
        var (other, _) = ApiKey.Create("etl", AccessRole.Admin);

        Assert.Equal(key, ApiKey.Find([other, key], secret));
        Assert.Null(ApiKey.Find([other], secret));
        Assert.Null(ApiKey.Find([key], secret + "x"));
        Assert.Equal(46, secret.Length);
        Assert.DoesNotContain(secret, key.ToString(), StringComparison.Ordinal);
        Assert.Equal(key, new ApiKey("etl", AccessRole.Operator, key.Hash.ToUpperInvariant()));
    }

    [Fact]
    public void A_hash_that_is_none_is_refused_with_the_key_s_name() =>
        Assert.Contains("'etl'", Assert.Throws<ArgumentException>(() => new ApiKey("etl", AccessRole.Viewer, "secret")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", null)]
    [InlineData("staff", AccessRole.Viewer)]
    [InlineData("staff,data", AccessRole.Operator)]
    [InlineData("data,staff,unknown", AccessRole.Operator)]
    [InlineData("unknown", null)]
    public void The_highest_role_of_a_person_s_claims_counts(string groups, AccessRole? role)
    {
        var options = new ConsoleAccessOptions { RoleClaim = "groups", Roles = { ["staff"] = AccessRole.Viewer, ["data"] = AccessRole.Operator } };
        var identity = new ClaimsIdentity(groups.Split(',').Select(group => new Claim("groups", group)), "oidc");

        Assert.Equal(role, options.RoleOf(new ClaimsPrincipal(identity)));
    }

    [Fact]
    public void A_session_ends_with_its_key_or_when_the_key_s_role_changes()
    {
        var (key, _) = ApiKey.Create("etl", AccessRole.Operator);
        var session = ConsoleAccessOptions.PrincipalOf(key, ConsolePolicies.SessionScheme);

        Assert.True(new ConsoleAccessOptions { ApiKeys = { key } }.IsAlive(session));
        Assert.False(new ConsoleAccessOptions { ApiKeys = { key with { Role = AccessRole.Viewer } } }.IsAlive(session));
        Assert.False(new ConsoleAccessOptions().IsAlive(session));
    }
}
