using System.Text.RegularExpressions;
using EnergyAspire.Testing;

namespace EnergyAspire.Architecture.Tests;

/// <summary>Links of the documents to files of the repository.</summary>
public sealed partial class LinkTests
{
    private static readonly string[] Documents =
    [
        .. Directory.GetFiles(Repository.Folder, "*.md"),
        .. Directory.GetFiles(Path.Combine(Repository.Folder, "docs"), "*.md", SearchOption.AllDirectories),
    ];

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        var links = (
            from document in Documents
            from Match link in Link().Matches(File.ReadAllText(document))
            let target = link.Groups["target"].Value
            where !target.Contains(':', StringComparison.Ordinal)
            select (Document: Path.GetRelativePath(Repository.Folder, document), Target: target, Path: Path.Combine(Path.GetDirectoryName(document)!, target)))
            .ToList();

        Assert.True(links.Count > 50, $"only {links.Count} links were found");
        Assert.Empty(links.Where(link => !Path.Exists(link.Path)).Select(link => $"{link.Document}: {link.Target}"));
    }

    [GeneratedRegex(@"\]\((?<target>[^)#\s]+)(#[^)]*)?\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Link();
}
