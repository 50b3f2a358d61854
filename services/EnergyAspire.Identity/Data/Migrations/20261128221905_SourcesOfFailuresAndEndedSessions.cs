using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Identity.Data.Migrations
{
    /// <inheritdoc />
    public partial class SourcesOfFailuresAndEndedSessions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // They last minutes, and nobody knows where they came from.
            migrationBuilder.Sql("delete from sign_in_failures");

            migrationBuilder.DropPrimaryKey(
                name: "pk_sign_in_failures",
                table: "sign_in_failures");

            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");

            migrationBuilder.AddColumn<string>(
                name: "source",
                table: "sign_in_failures",
                type: "text",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "accounts",
                type: "character varying(256)",
                maxLength: 256,
                nullable: false,
                collation: "names",
                oldClrType: typeof(string),
                oldType: "character varying(256)",
                oldMaxLength: 256);

            // Names from before normalising worked; of two that differ in nothing else the older form stays as it is.
            migrationBuilder.Sql("""
                update accounts set username = normalize(username, NFC), normalized_username = normalize(normalized_username, NFC)
                where normalized_username is not NFC normalized and not exists (
                    select from accounts other
                    where other.id <> accounts.id and normalize(other.normalized_username, NFC) = normalize(accounts.normalized_username, NFC));
                """);

            migrationBuilder.AddPrimaryKey(
                name: "pk_sign_in_failures",
                table: "sign_in_failures",
                columns: new[] { "normalized_username", "source" });

            migrationBuilder.CreateTable(
                name: "ended_browser_sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    ended_at = table.Column<DateTimeOffset>(type: "timestamp with time zone", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_ended_browser_sessions", x => x.id);
                });

            migrationBuilder.CreateIndex(
                name: "ix_accounts_username_id",
                table: "accounts",
                columns: new[] { "username", "id" });

            migrationBuilder.CreateIndex(
                name: "ix_ended_browser_sessions_ended_at",
                table: "ended_browser_sessions",
                column: "ended_at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ended_browser_sessions");

            migrationBuilder.Sql("delete from sign_in_failures");

            migrationBuilder.DropPrimaryKey(
                name: "pk_sign_in_failures",
                table: "sign_in_failures");

            migrationBuilder.DropIndex(
                name: "ix_accounts_username_id",
                table: "accounts");

            migrationBuilder.DropColumn(
                name: "source",
                table: "sign_in_failures");

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "accounts",
                type: "character varying(256)",
                maxLength: 256,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(256)",
                oldMaxLength: 256,
                oldCollation: "names");

            migrationBuilder.AddPrimaryKey(
                name: "pk_sign_in_failures",
                table: "sign_in_failures",
                column: "normalized_username");

            // A collation can be dropped only when no column uses it.
            migrationBuilder.AlterDatabase()
                .OldAnnotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");
        }
    }
}
