using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Devices.Data.Migrations
{
    /// <inheritdoc />
    public partial class NamesInAlphabeticalOrder : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");

            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "devices",
                type: "character varying(255)",
                maxLength: 255,
                nullable: false,
                collation: "names",
                oldClrType: typeof(string),
                oldType: "character varying(255)",
                oldMaxLength: 255);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterColumn<string>(
                name: "name",
                table: "devices",
                type: "character varying(255)",
                maxLength: 255,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(255)",
                oldMaxLength: 255,
                oldCollation: "names");

            // A collation can be dropped only when no column uses it.
            migrationBuilder.AlterDatabase()
                .OldAnnotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");
        }
    }
}
