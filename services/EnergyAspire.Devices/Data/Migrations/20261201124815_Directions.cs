using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace EnergyAspire.Devices.Data.Migrations
{
    /// <inheritdoc />
    public partial class Directions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "direction",
                table: "devices",
                type: "character varying(16)",
                maxLength: 16,
                nullable: false,
                defaultValue: "consumption");

            migrationBuilder.AddColumn<Guid>(
                name: "feed_in_of",
                table: "devices",
                type: "uuid",
                nullable: true);

            migrationBuilder.CreateIndex(
                name: "ix_devices_feed_in_of",
                table: "devices",
                column: "feed_in_of",
                unique: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropIndex(
                name: "ix_devices_feed_in_of",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "direction",
                table: "devices");

            migrationBuilder.DropColumn(
                name: "feed_in_of",
                table: "devices");
        }
    }
}
