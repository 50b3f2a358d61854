using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Users.Data.Migrations
{
    /// <inheritdoc />
    public partial class EmailHolds : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "email_holds",
                columns: table => new
                {
                    normalized_email = table.Column<string>(type: "text", nullable: false),
                    user_id = table.Column<Guid>(type: "uuid", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_email_holds", x => x.normalized_email);
                });

            migrationBuilder.CreateIndex(
                name: "ix_email_holds_user_id",
                table: "email_holds",
                column: "user_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "email_holds");
        }
    }
}
