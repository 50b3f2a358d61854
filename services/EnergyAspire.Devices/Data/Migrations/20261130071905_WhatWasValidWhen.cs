using System;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace EnergyAspire.Devices.Data.Migrations
{
    /// <inheritdoc />
    public partial class WhatWasValidWhen : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<NpgsqlRange<DateTimeOffset>[]>(
                name: "periods",
                table: "mappings",
                type: "tstzmultirange",
                nullable: false,
                defaultValueSql: "'{(,)}'");

            migrationBuilder.AddColumn<string>(
                name: "settings",
                table: "devices",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "periods",
                table: "mappings");

            migrationBuilder.DropColumn(
                name: "settings",
                table: "devices");
        }
    }
}
