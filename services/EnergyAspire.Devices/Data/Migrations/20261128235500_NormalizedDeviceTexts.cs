using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Devices.Data.Migrations
{
    /// <inheritdoc />
    public partial class NormalizedDeviceTexts : Migration
    {
        // As names and descriptions are stored from now on, so that a search finds them. Some texts get longer; one that is too long then stays.
        private const string NormalizeTexts = """
            update devices set name = normalize(name, NFC)
            where name is not NFC normalized and length(normalize(name, NFC)) <= 255;
            update devices set description = normalize(description, NFC)
            where description is not NFC normalized;
            """;

        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.Sql(NormalizeTexts);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            // What the texts were before is not known.
        }
    }
}
