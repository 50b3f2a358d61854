using EnergyAspire.Api.Names;

namespace EnergyAspire.Identity.Tests.Names;

/// <summary>The rules of names, which every service shares.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("alice")]
    [InlineData("Alice.B_e-r+g@example.com")]
    [InlineData("8")]
    [InlineData("müller")]
    [InlineData("Ярослав")]
    [InlineData("Γιώργος7")]
    [InlineData("ישראל")]
    [InlineData("علی۱۲")]
    [InlineData("राजेश")]
    [InlineData("山田たろう")]
    [InlineData("山田tarou")]
    [InlineData("김민준")]
    [InlineData("สมชาย")]
    [InlineData("𠮷野")]
    public void Usernames_of_one_script_are_taken(string username) => Assert.Equal(new CheckedName(username, null), Usernames.Read(username));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("admin.")]
    [InlineData("-admin")]
    [InlineData("ad min")]
    [InlineData("admin\0")]
    [InlineData("admin\r\n")]
    [InlineData("\u3164")]
    [InlineData("\u115f")]
    [InlineData("\u034f")]
    [InlineData("alice\u3164")]
    [InlineData("alice\u034f")]
    [InlineData("ali\u200bce")]
    [InlineData("alice\u200d")]
    [InlineData("\u202ealice")]
    [InlineData("alice\ufe0f")]
    [InlineData("\u0430dmin")]
    [InlineData("b\u03bfb")]
    [InlineData("\u0430\u0455\u0435")]
    [InlineData("\u0391\u0392\u0395")]
    [InlineData("\uff41dmin")]
    [InlineData("\ud835\udc1adm")]
    [InlineData("ﬁnn")]
    [InlineData("alice\u0663")]
    [InlineData("\u01c3kung")]
    [InlineData("\u0251dmin")]
    [InlineData("a\u0301\u0301\u0301\u0301\u0301\u0301")]
    [InlineData("\u2800")]
    [InlineData("😀")]
    public void Usernames_that_could_be_taken_for_others_or_for_nothing_are_refused(string username)
    {
        var read = Usernames.Read(username);

        Assert.EndsWith(".", read.Error, StringComparison.Ordinal);
        Assert.Equal(username, read.Value);
    }

    [Fact]
    public void A_username_is_kept_composed_and_compared_in_any_case()
    {
        Assert.Equal("Jos\u00e9", Usernames.Read("Jose\u0301").Value);
        Assert.Equal(Usernames.Key("JOS\u00c9"), Usernames.Key("jose\u0301"));
        Assert.NotNull(Usernames.Read(new string('a', Usernames.Longest + 1)).Error);
        Assert.Null(Usernames.Read(new string('a', Usernames.Longest)).Error);
    }

    [Theory]
    [InlineData("  Heat   pump\u00a0", "Heat pump")]
    [InlineData("Jose\u0301 O'Neil-Smith", "Jos\u00e9 O'Neil-Smith")]
    [InlineData("Küche \u26a1\ufe0f 2. OG (links)", "Küche \u26a1\ufe0f 2. OG (links)")]
    [InlineData("👩‍👩‍👧", "👩‍👩‍👧")]
    [InlineData("می‌خواهم", "می‌خواهم")]
    [InlineData("علی", "علی")]
    [InlineData("Cafe\u3000Nord", "Cafe Nord")]
    public void Names_to_show_may_be_of_any_script(string sent, string kept) =>
        Assert.Equal(new CheckedName(kept, null), DisplayNames.Read(sent, "The name", 150));

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("\u200b")]
    [InlineData("\u3164")]
    [InlineData("\u2800")]
    [InlineData("\u0301")]
    [InlineData("\u200d")]
    [InlineData("a\u200b")]
    [InlineData("a\u202eb")]
    [InlineData("a\u2066b")]
    [InlineData("a\tb")]
    [InlineData("a\nb")]
    [InlineData("a\u2028b")]
    [InlineData("a\0b")]
    [InlineData("a\u200d")]
    [InlineData("a \u200db")]
    [InlineData("a\u200d\u200db")]
    [InlineData("a\ue000")]
    [InlineData("Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306")]
    public void Names_that_nobody_can_see_or_that_disturb_others_are_refused(string sent) =>
        Assert.StartsWith("The name ", DisplayNames.Read(sent, "The name", 150).Error, StringComparison.Ordinal);

    [Fact]
    public void A_name_that_may_be_empty_may_still_not_look_empty()
    {
        Assert.Equal(new CheckedName("", null), DisplayNames.Read("  ", "The name", 150, mayBeEmpty: true));
        Assert.NotNull(DisplayNames.Read("\u200b", "The name", 150, mayBeEmpty: true).Error);
        Assert.NotNull(DisplayNames.Read(new string('a', 151), "The name", 150).Error);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_no_text()
    {
        var half = $"a{(char)0xD800}";

        Assert.NotNull(Usernames.Read(half).Error);
        Assert.NotNull(DisplayNames.Read(half, "The name", 150).Error);
        Assert.NotNull(EmailAddresses.Read($"{half}@example.com").Error);
        Assert.Equal(half, Usernames.Key(half));
    }

    [Theory]
    [InlineData("Ada@B\u00fccher.example", "ada@xn--bcher-kva.example")]
    [InlineData("ada@bu\u0308cher.EXAMPLE", "ada@xn--bcher-kva.example")]
    [InlineData("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example")]
    [InlineData("Jose\u0301@example.com", "jos\u00e9@example.com")]
    [InlineData("a.b+c'd@localhost", "a.b+c'd@localhost")]
    public void Addresses_are_one_however_they_are_written(string address, string key)
    {
        Assert.Null(EmailAddresses.Read(address).Error);
        Assert.Equal(key, EmailAddresses.Key(address));
    }

    [Theory]
    [InlineData("x@example.com.")]
    [InlineData("x@")]
    [InlineData("@example.com")]
    [InlineData("x")]
    [InlineData("x.@example.com")]
    [InlineData(".x@example.com")]
    [InlineData("x..y@example.com")]
    [InlineData("x y@example.com")]
    [InlineData("x\0@example.com")]
    [InlineData("x\u200b@example.com")]
    [InlineData("x@exa\u200bmple..com")]
    [InlineData("x@-example.com")]
    [InlineData("x@exam_ple.com")]
    [InlineData("x@[127.0.0.1]")]
    [InlineData("Ada <x@example.com>")]
    public void What_is_no_address_is_refused(string address) =>
        Assert.Equal("This is no e-mail address such as ada@example.com.", EmailAddresses.Read(address).Error);

    [Fact]
    public void Addresses_are_as_long_as_mail_servers_take_them()
    {
        Assert.Null(EmailAddresses.Read($"{new string('a', 64)}@example.com").Error);
        Assert.Contains("64", EmailAddresses.Read($"{new string('a', 65)}@example.com").Error, StringComparison.Ordinal);
        Assert.Contains("254", EmailAddresses.Read($"a@{string.Join('.', Enumerable.Repeat(new string('b', 60), 5))}").Error, StringComparison.Ordinal);
    }
}
