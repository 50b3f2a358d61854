using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Users.Data.Migrations
{
    /// <inheritdoc />
    public partial class NamesAndComparedEmails : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AlterDatabase()
                .Annotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");

            migrationBuilder.AddColumn<Guid>(
                name: "subject",
                table: "saga_steps",
                type: "uuid",
                nullable: true);

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "profiles",
                type: "character varying(256)",
                maxLength: 256,
                nullable: false,
                collation: "names",
                oldClrType: typeof(string),
                oldType: "character varying(256)",
                oldMaxLength: 256);

            // The service computes it from now on; what is there stays, and start-up brings older addresses up to date.
            migrationBuilder.Sql("alter table profiles alter column normalized_email drop expression");

            // Names from before normalising worked, so that searches find them.
            migrationBuilder.Sql("""
                update profiles set username = normalize(username, NFC), fname = normalize(fname, NFC), lname = normalize(lname, NFC)
                where username is not NFC normalized or fname is not NFC normalized or lname is not NFC normalized;
                """);

            migrationBuilder.Sql("update saga_steps set subject = (before ->> 'id')::uuid where before ? 'id'");

            migrationBuilder.CreateIndex(
                name: "ix_saga_steps_at",
                table: "saga_steps",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_saga_steps_subject",
                table: "saga_steps",
                column: "subject");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_saga_steps_at",
                table: "saga_steps");

            migrationBuilder.DropIndex(
                name: "ix_saga_steps_subject",
                table: "saga_steps");

            migrationBuilder.DropColumn(
                name: "subject",
                table: "saga_steps");

            migrationBuilder.AlterColumn<string>(
                name: "username",
                table: "profiles",
                type: "character varying(256)",
                maxLength: 256,
                nullable: false,
                oldClrType: typeof(string),
                oldType: "character varying(256)",
                oldMaxLength: 256,
                oldCollation: "names");

            migrationBuilder.DropColumn(
                name: "normalized_email",
                table: "profiles");

            migrationBuilder.AddColumn<string>(
                name: "normalized_email",
                table: "profiles",
                type: "text",
                nullable: true,
                computedColumnSql: "lower(email)",
                stored: true);

            migrationBuilder.CreateIndex(
                name: "ix_profiles_normalized_email",
                table: "profiles",
                column: "normalized_email",
                unique: true,
                filter: "email is not null");

            // A collation can be dropped only when no column uses it.
            migrationBuilder.AlterDatabase()
                .OldAnnotation("Npgsql:CollationDefinition:names", "und-u-kn,und-u-kn,icu,True");
        }
    }
}
