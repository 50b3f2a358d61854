using System;
using Microsoft.EntityFrameworkCore.Migrations;
using NpgsqlTypes;

#nullable disable

namespace EnergyAspire.Monitoring.Data.Migrations
{
    /// <inheritdoc />
    public partial class WhatWasValidWhen : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "is_deleted",
                table: "mapping_replicas",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<NpgsqlRange<DateTimeOffset>[]>(
                name: "periods",
                table: "mapping_replicas",
                type: "tstzmultirange",
                nullable: false,
                defaultValueSql: "'{(,)}'");

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "deleted_at",
                table: "device_replicas",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<DateTimeOffset>(
                name: "exists_from",
                table: "device_replicas",
                type: "timestamp with time zone",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "settings",
                table: "device_replicas",
                type: "jsonb",
                nullable: false,
                defaultValueSql: "'[]'");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "is_deleted",
                table: "mapping_replicas");

            migrationBuilder.DropColumn(
                name: "periods",
                table: "mapping_replicas");

            migrationBuilder.DropColumn(
                name: "deleted_at",
                table: "device_replicas");

            migrationBuilder.DropColumn(
                name: "exists_from",
                table: "device_replicas");

            migrationBuilder.DropColumn(
                name: "settings",
                table: "device_replicas");
        }
    }
}
